package dev.ternion.jobs;

import java.util.Set;

/** Where a job stands. Final states never change. */
public enum JobState {
    /** Waits for the running slot, or for it again after a server that ran it has ended. */
    QUEUED,
    /** Runs. */
    RUNNING,
    /** Asked to stop, not yet stopped. */
    CANCELLING,
    /** Finished. */
    SUCCEEDED,
    /** Could not finish. */
    FAILED,
    /** Stopped on request. */
    CANCELLED;

    /** Whether a job may go from this state to another. */
    public boolean mayBecome(JobState next) {
        return successors().contains(next);
    }

    /** Whether this state never changes. */
    public boolean isFinal() {
        return successors().isEmpty();
    }

    private Set<JobState> successors() {
        return switch (this) {
            case QUEUED -> Set.of(RUNNING, CANCELLED);
            case RUNNING -> Set.of(QUEUED, CANCELLING, SUCCEEDED, FAILED);
            case CANCELLING -> Set.of(CANCELLED, SUCCEEDED, FAILED);
            case SUCCEEDED, FAILED, CANCELLED -> Set.of();
        };
    }
}
