package dev.ternion.jobs;

import java.time.Duration;

/**
 * How long a job has had a device, by the monotonic clock. It survives a server as far as it was noted in the store, and a worker
 * that survives its server too tells the rest.
 */
final class ActiveTime {
    /** Time after which it is to be noted: what is lost at most when server and worker die at once. */
    static final Duration NOTED_EVERY = Duration.ofSeconds(10);

    private long nanos;
    private long at;
    private long notedAt;

    /**
     * @param so far
     * @param now as {@link System#nanoTime}, here and below
     */
    ActiveTime(Duration so, long now) {
        nanos = so.toNanos();
        at = now;
        notedAt = now;
    }

    Duration until(long now) {
        return Duration.ofNanos(nanos + (now - at));
    }

    /** Someone else has measured it; less than is known changes nothing. */
    void atLeast(Duration told, long now) {
        nanos = Math.max(until(now).toNanos(), told.toNanos());
        at = now;
    }

    /** Whether it is to be noted now; then it counts as noted. */
    boolean isDue(long now) {
        boolean due = now - notedAt >= NOTED_EVERY.toNanos();
        if (due) {
            notedAt = now;
        }
        return due;
    }
}
