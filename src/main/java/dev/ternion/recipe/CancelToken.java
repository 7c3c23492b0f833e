package dev.ternion.recipe;

/** Asks a running job to stop; checked between steps. */
@FunctionalInterface
public interface CancelToken {
    /** True once the job should stop. */
    boolean isCancelled();

    /** Whether it is asked to stop in order to go on later: then it makes a checkpoint first. */
    default boolean isDraining() {
        return false;
    }
}
