package dev.ternion.jobs;

import java.time.Instant;
import java.util.Optional;

/**
 * What is remembered of an attempt at a job.
 *
 * @param number in the job, from 1
 * @param started when its worker was started
 * @param ended when it was over, or null
 * @param end how it ended, or null
 * @param reason why; empty before its end
 */
public record AttemptEntry(int number, Instant started, Instant ended, End end, String reason) {
    /** How an attempt ended. */
    public enum End {
        /** The job is done. */
        SUCCEEDED,
        /** The job cannot go on. */
        FAILED,
        /** The job was cancelled. */
        CANCELLED,
        /** The job had its device as long as it may. */
        EXPIRED,
        /** The job was paused; the attempt does not count. */
        PAUSED,
        /** A server that stopped took the job back; the attempt does not count. */
        HANDED_OVER,
        /** The worker was lost. */
        LOST;

        /**
         * The end that a change of state is; none if it is no end of an attempt.
         *
         * @param counts whether the attempt counts
         */
        public static Optional<End> of(JobEvent.StateChanged change, boolean counts) {
            if (change.from() == null
                    || !change.from().isUnderWay()
                    || change.to().isUnderWay()) {
                return Optional.empty();
            }
            return Optional.of(
                    switch (change.to()) {
                        case SUCCEEDED -> SUCCEEDED;
                        case CANCELLED -> CANCELLED;
                        case EXPIRED -> EXPIRED;
                        case PAUSED -> PAUSED;
                        case FAILED -> isLoss(change.error()) ? LOST : FAILED;
                        default -> counts ? LOST : HANDED_OVER;
                    });
        }

        private static boolean isLoss(JobError error) {
            return error != null && error.reason().equals(JobError.WORKER_LOST);
        }
    }
}
