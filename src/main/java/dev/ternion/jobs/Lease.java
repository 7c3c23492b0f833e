package dev.ternion.jobs;

/** A worker that has a device until its process is gone. Used under the lock of {@link JobChanges}. */
final class Lease {
    private final String jobId;
    private final int attempt;
    private final Workers.Worker worker;
    private long deadline;
    private boolean claimed;
    private JobState state = JobState.STARTING;
    private boolean over;

    /** @param deadline by {@link System#nanoTime}: silent for longer, the worker is lost */
    Lease(String jobId, int attempt, Workers.Worker worker, long deadline) {
        this.jobId = jobId;
        this.attempt = attempt;
        this.worker = worker;
        this.deadline = deadline;
    }

    String jobId() {
        return jobId;
    }

    int attempt() {
        return attempt;
    }

    Workers.Worker worker() {
        return worker;
    }

    void extend(long newDeadline) {
        deadline = newDeadline;
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
