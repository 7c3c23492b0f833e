package dev.ternion.server;

import dev.ternion.jobs.Allowance;
import java.time.Duration;

/**
 * What a caller may have at a time.
 *
 * @param waitingJobs jobs in state QUEUED
 * @param runningJobs jobs that have a device
 * @param deviceTime time of its jobs with a device, together, within {@link dev.ternion.jobs.DeviceTime#WINDOW}
 * @param uploadBytes sizes of its resumable uploads, finalized ones too
 * @param storedBytes sizes of its models and data sets, and of the models and checkpoints of its jobs
 * @param watchStreams watches of jobs and tails of logs that are open
 */
public record Quota(
        int waitingJobs, int runningJobs, Duration deviceTime, long uploadBytes, long storedBytes, int watchStreams) {
    /** No bound but those of all callers together. */
    public static final Quota NONE = new Quota(
            Integer.MAX_VALUE,
            Allowance.ALL.running(),
            Allowance.ALL.deviceTime(),
            Long.MAX_VALUE,
            Long.MAX_VALUE,
            Integer.MAX_VALUE);

    /** What its jobs may have of the devices. */
    Allowance allowance() {
        return new Allowance(runningJobs, deviceTime);
    }
}
