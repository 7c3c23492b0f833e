package dev.ternion.server;

/**
 * What a caller may have at a time.
 *
 * @param waitingJobs jobs in state QUEUED
 * @param uploadBytes sizes of its resumable uploads, finalized ones too
 * @param watchStreams watches of jobs and tails of logs that are open
 */
public record Quota(int waitingJobs, long uploadBytes, int watchStreams) {
    /** No bound but those of all callers together. */
    public static final Quota NONE = new Quota(Integer.MAX_VALUE, Long.MAX_VALUE, Integer.MAX_VALUE);
}
