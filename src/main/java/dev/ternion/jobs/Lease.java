package dev.ternion.jobs;

import java.time.Duration;

/** A worker that has a device until its process is gone. Used under the lock of {@link JobChanges}. */
final class Lease {
    private final String jobId;
    private final int attempt;
    private final String device;
    private final String owner;
    private final Duration longest;
    private final Workers.Worker worker;
    private final ActiveTime active;
    private long deadline;
    private boolean claimed;
    private JobState state;
    private boolean over;

    /**
     * @param now as {@link System#nanoTime}, here and below
     * @param patience silent for longer, the worker is lost
     */
    Lease(Job job, Workers.Worker worker, long now, Duration patience) {
        this.jobId = job.id();
        this.attempt = job.runs().newest();
        this.device = job.placement().device();
        this.owner = job.origin().owner();
        this.longest = job.placement().longest();
        this.worker = worker;
        this.active = new ActiveTime(job.runs().active(), now);
        extend(now, patience);
        follow(job);
    }

    String jobId() {
        return jobId;
    }

    /** The device that its worker has. */
    String device() {
        return device;
    }

    /** Whose job it is. */
    String owner() {
        return owner;
    }

    int attempt() {
        return attempt;
    }

    Workers.Worker worker() {
        return worker;
    }

    /** How long the job has had a device. */
    ActiveTime active() {
        return active;
    }

    /** Whether the job has had its device as long as it may, and is not about to be cancelled. */
    boolean isOverLimit(long now) {
        return longest != null
                && state != JobState.CANCELLING
                && active.until(now).compareTo(longest) >= 0;
    }

    void extend(long now, Duration patience) {
        deadline = now + patience.toNanos();
    }

    boolean isLate(long now) {
        return now - deadline > 0;
    }

    boolean isClaimed() {
        return claimed;
    }

    void claim() {
        claimed = true;
    }

    /** Where its job stands. */
    JobState state() {
        return state;
    }

    boolean isOver() {
        return over;
    }

    /** Follows its job. */
    void follow(Job job) {
        state = job.state();
        over |= job.runs().newest() != attempt || !JobState.UNDER_WAY.contains(job.state());
    }
}
