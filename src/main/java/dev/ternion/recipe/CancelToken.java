package dev.ternion.recipe;

import java.util.Optional;
import java.util.OptionalLong;

/** Asks a running job to stop, or for a checkpoint; checked between steps. */
@FunctionalInterface
public interface CancelToken {
    /** True once the job should stop. */
    boolean isCancelled();

    /** Whether it is asked to stop in order to go on later: then it makes a checkpoint first. */
    default boolean isDraining() {
        return false;
    }

    /** A checkpoint that is wanted now, until it is answered; the job goes on. */
    default Optional<CheckpointRequest> checkpoint() {
        return Optional.empty();
    }

    /** A checkpoint that is wanted. */
    @FunctionalInterface
    interface CheckpointRequest {
        /** Tells the steps done in the whole job by the checkpoint that was made; empty if it could not be. */
        void answer(OptionalLong jobStep);
    }
}
