package dev.ternion.jobs;

import java.util.EnumSet;
import java.util.Set;

/** Where a job stands. Final states never change. */
public enum JobState {
    /** Waits for a device, or for one again after an attempt that was lost or handed over. */
    QUEUED,
    /** Has a device; its worker has not said a word yet. */
    STARTING,
    /** Runs. */
    RUNNING,
    /** Asked to make a checkpoint and leave its device, not yet done. */
    PAUSING,
    /** Has no device and does not wait for one, until it is resumed. */
    PAUSED,
    /** Asked to stop, not yet stopped. */
    CANCELLING,
    /** Finished. */
    SUCCEEDED,
    /** Could not finish. */
    FAILED,
    /** Stopped on request. */
    CANCELLED,
    /** Has had a device as long as it may. */
    EXPIRED;

    /** An attempt is under way. */
    public static final Set<JobState> UNDER_WAY = Set.of(STARTING, RUNNING, PAUSING, CANCELLING);

    /** Not final. */
    public static final Set<JobState> OPEN = Set.copyOf(EnumSet.range(QUEUED, CANCELLING));

    /** Whether a job may go from this state to another. */
    public boolean mayBecome(JobState next) {
        return successors().contains(next);
    }

    /** Whether an attempt is under way. */
    public boolean isUnderWay() {
        return UNDER_WAY.contains(this);
    }

    /** Whether this state never changes. */
    public boolean isFinal() {
        return successors().isEmpty();
    }

    private Set<JobState> successors() {
        return switch (this) {
            case QUEUED -> Set.of(STARTING, PAUSED, CANCELLED);
            case STARTING -> Set.of(QUEUED, RUNNING, PAUSED, FAILED, CANCELLED, EXPIRED);
            case RUNNING -> Set.of(QUEUED, PAUSING, CANCELLING, SUCCEEDED, FAILED, EXPIRED);
            case PAUSING -> Set.of(PAUSED, CANCELLING, SUCCEEDED, FAILED, EXPIRED);
            case PAUSED -> Set.of(QUEUED, CANCELLED);
            case CANCELLING -> Set.of(CANCELLED, SUCCEEDED, FAILED);
            case SUCCEEDED, FAILED, CANCELLED, EXPIRED -> Set.of();
        };
    }
}
