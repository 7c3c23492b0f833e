package dev.ternion.jobs;

import java.time.Duration;

/**
 * The attempts at a job so far.
 *
 * @param counted starts that count; not those after which the job was paused, or handed back to a server that stopped
 * @param newest number of the newest attempt, from 1; 0 before the first. No number is used twice, so it tells the calls of
 *     this attempt's worker from those of one that was lost
 * @param worker name of the process of the newest attempt, or empty before its claim
 * @param active time in which it had a device, from STARTING to the end of each attempt; never falls
 */
public record Runs(int counted, int newest, String worker, Duration active) {
    /** No attempt yet. */
    public static final Runs NONE = new Runs(0, 0, "", Duration.ZERO);

    Runs started() {
        return new Runs(counted + 1, newest + 1, "", active);
    }

    Runs claimedBy(String process) {
        return new Runs(counted, newest, process, active);
    }

    Runs givenBack() {
        return new Runs(counted - 1, newest, worker, active);
    }

    /** The same with another active time. */
    public Runs active(Duration newActive) {
        return new Runs(counted, newest, worker, newActive);
    }
}
