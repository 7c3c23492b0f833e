package dev.ternion.recipe;

/** Asks a running job to stop; checked between steps. */
@FunctionalInterface
public interface CancelToken {
    /** True once the job should stop. */
    boolean isCancelled();
}
