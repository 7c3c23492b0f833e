package dev.ternion.jobs;

import dev.ternion.jobs.JobException.Problem;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** All changes of jobs: submit, claim, report, finish, cancel, delete. First in, first out, one job at a time. */
public final class JobQueue {
    /** Jobs that may wait. */
    public static final int DEFAULT_MAX_WAITING = 100;

    /** Starts of a job; one that was lost so often fails. */
    public static final int MAX_ATTEMPTS = 5;

    private static final Set<JobState> UNDER_WAY = Set.of(JobState.RUNNING, JobState.CANCELLING);

    private final JobStore store;
    private final Clock clock;
    private final Supplier<UUID> uids;
    private final int maxWaiting;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition claimable = lock.newCondition();
    private final JobWatches watches = new JobWatches();
    private volatile String running;

    /**
     * Takes up the jobs of the store that are not final. One that ran when the last process ended waits again, first in the
     * queue, or is FAILED after {@link #MAX_ATTEMPTS} starts; one that was being cancelled is CANCELLED.
     *
     * @param store where jobs are kept; changed by this queue alone
     * @param clock tells the time of changes
     * @param uids makes a new uid at each call
     * @param maxWaiting jobs that may wait, at least 1
     */
    public JobQueue(JobStore store, Clock clock, Supplier<UUID> uids, int maxWaiting) {
        this.store = store;
        this.clock = clock;
        this.uids = uids;
        this.maxWaiting = maxWaiting;
        recover();
    }

    /** Takes up what the store calls running and nobody runs. */
    private void recover() {
        store.list(UNDER_WAY, Long.MAX_VALUE, Integer.MAX_VALUE).forEach(this::recover);
    }

    private void recover(Job job) {
        if (job.state() == JobState.CANCELLING) {
            change(job, JobState.CANCELLED, job.reason(), null);
        } else if (job.attempts() < MAX_ATTEMPTS) {
            change(job, JobState.QUEUED, "waiting: the server ended while the job ran, it goes on", null);
        } else {
            JobError error = new JobError(
                    "WORKER_LOST",
                    "the process that ran it ended " + job.attempts()
                            + " times without a word; see the server's log and"
                            + " the system's for what ended it, memory above all",
                    Map.of("attempts", String.valueOf(job.attempts())));
            change(job, JobState.FAILED, error.reason() + ": " + error.message(), error);
        }
    }

    /** A watch of a job; closing it twice does nothing. */
    @FunctionalInterface
    public interface Watch extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * The job that the request with this id made before.
     *
     * @throws JobException REQUEST_ID_REUSED if that request had another body; REQUEST_JOB_GONE if its job was deleted
     */
    public Optional<Job> replay(String requestId, String fingerprint) {
        if (requestId.isEmpty()) {
            return Optional.empty();
        }
        Optional<JobStore.Made> made = store.findByRequest(requestId);
        made.ifPresent(m -> {
            if (!m.fingerprint().equals(fingerprint)) {
                throw new JobException(
                        Problem.REQUEST_ID_REUSED,
                        m.jobId(),
                        "request_id " + requestId + " made job " + m.jobId()
                                + " from another body; use a new UUID for a new request");
            }
            if (m.job() == null) {
                throw new JobException(
                        Problem.REQUEST_JOB_GONE,
                        m.jobId(),
                        "request_id " + requestId + " made job " + m.jobId()
                                + ", which is no longer there; use a new UUID to make another");
            }
        });
        return made.map(JobStore.Made::job).map(this::placed);
    }

    /**
     * Queues a job, or finds the one that the same request made before.
     *
     * @throws JobException ID_INVALID, REQUEST_ID_REUSED, REQUEST_JOB_GONE, JOB_EXISTS, QUEUE_FULL, JOB_LIMIT
     */
    public Job submit(Submission submission) {
        lock.lock();
        try {
            Optional<Job> made = replay(submission.requestId(), submission.fingerprint());
            return made.isPresent() ? made.get() : add(submission);
        } finally {
            lock.unlock();
        }
    }

    /**
     * What {@link #submit} would refuse about the queue and the id, without a change.
     *
     * @throws JobException ID_INVALID, JOB_EXISTS, QUEUE_FULL
     */
    public void requireRoom(String id) {
        if (!id.isEmpty() && !JobIds.isValid(id)) {
            throw new JobException(Problem.ID_INVALID, id, "job id \"" + id + "\", wanted " + JobIds.PATTERN);
        }
        if (store.find(id).isPresent()) {
            throw JobException.exists(id);
        }
        lock.lock();
        try {
            requireSpace();
        } finally {
            lock.unlock();
        }
    }

    /** The job; with its place if it waits. */
    public Job get(String id) {
        return placed(required(id));
    }

    /** Jobs by falling number, see {@link JobStore#list}. */
    public List<Job> list(Set<JobState> states, long below, int limit) {
        return store.list(states, below, limit).stream().map(this::placed).toList();
    }

    /** Events from a number on, see {@link JobStore#events}. */
    public List<JobEvent> events(String id, long fromSequence, int limit) {
        return store.events(id, fromSequence, limit);
    }

    /** Number of the newest event. */
    public long lastSequence(String id) {
        return store.lastSequence(id);
    }

    /** The newest event of a kind. */
    public Optional<JobEvent> latest(String id, JobEvent.Kind kind) {
        return store.latest(id, kind);
    }

    /**
     * The report of a job.
     *
     * @throws JobException JOB_NOT_FOUND, REPORT_NOT_READY
     */
    public Opaque report(String id) {
        Job job = required(id);
        if (job.report() == null) {
            throw new JobException(
                    Problem.REPORT_NOT_READY,
                    id,
                    "job " + id + " is " + job.state() + ", its report comes with SUCCEEDED");
        }
        return job.report();
    }

    /**
     * Calls {@code signal} after every change of the job, from the thread that changed it, with no lock held. The
     * signal must not block; it may come without a change, and after {@code close} once more.
     */
    public Watch watch(String id, Runnable signal) {
        return watches.add(id, signal);
    }

    /** Watches that are open. */
    public int watches() {
        return watches.count();
    }

    /** Waits until a job waits and none runs; that job is RUNNING then. */
    public Job claim() throws InterruptedException {
        Job claimed;
        lock.lockInterruptibly();
        try {
            Optional<Job> next = next();
            while (next.isEmpty()) {
                claimable.await();
                next = next();
            }
            claimed = change(next.get(), JobState.RUNNING, "running", null);
            running = claimed.id();
        } finally {
            lock.unlock();
        }
        watches.signal(claimed.id());
        return claimed;
    }

    private Optional<Job> next() {
        if (running != null) {
            return Optional.empty();
        }
        recover();
        return store.oldest(JobState.QUEUED);
    }

    /** Nobody runs the running job any more, whatever the store says of it: it is taken up by the next {@link #claim}. */
    public void lose() {
        lock.lock();
        try {
            running = null;
            claimable.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Appends what the running job reports; returns the event's number. */
    public long record(String id, JobEvent.Kind kind, Opaque payload) {
        long sequence = store.append(id, new JobEvent.Recorded(kind, payload), clock.instant());
        watches.signal(id);
        return sequence;
    }

    /** Whether the job was asked to stop. */
    public boolean isCancelling(String id) {
        return store.find(id).map(job -> job.state() == JobState.CANCELLING).orElse(true);
    }

    /**
     * Keeps the report of the running job, which is about to succeed.
     *
     * @param event payload of the event that tells so
     */
    public void putReport(String id, Opaque report, Opaque event) {
        lock.lock();
        try {
            JobEvent.Body told = new JobEvent.Recorded(JobEvent.Kind.REPORT, event);
            store.update(required(id).reported(report), told, clock.instant());
        } finally {
            lock.unlock();
        }
        watches.signal(id);
    }

    /** The running job is done. */
    public Job succeed(String id) {
        return finish(id, JobState.SUCCEEDED, "done", null);
    }

    /** The running job could not finish. */
    public Job fail(String id, JobError error) {
        return finish(id, JobState.FAILED, error.reason() + ": " + error.message(), error);
    }

    /** The running job, asked to stop, has stopped. */
    public Job cancelled(String id) {
        return finish(id, JobState.CANCELLED, required(id).reason(), null);
    }

    /**
     * Puts the running job back to the front of the queue; the attempt does not count. One that was asked to stop meanwhile is
     * CANCELLED.
     */
    public Job giveBack(String id, String reason) {
        return release(id, job -> {
            Instant now = clock.instant();
            return job.state() == JobState.CANCELLING
                    ? change(job, JobState.CANCELLED, job.reason(), null)
                    : store(job, job.givenBack(reason, now), now);
        });
    }

    /**
     * Asks a job to stop: a waiting one is CANCELLED at once, a running one CANCELLING, one asked before stays.
     *
     * @param reason kept with the job
     * @throws JobException JOB_NOT_FOUND, JOB_FINAL
     */
    public Job cancel(String id, String reason) {
        Job job;
        lock.lock();
        try {
            job = required(id);
            if (job.state().isFinal()) {
                throw new JobException(
                        Problem.JOB_FINAL, id, "job " + id + " is " + job.state() + " and can no longer be cancelled");
            }
            if (job.state() == JobState.QUEUED) {
                job = change(job, JobState.CANCELLED, reason, null);
            } else if (job.state() == JobState.RUNNING) {
                job = change(job, JobState.CANCELLING, reason, null);
            }
        } finally {
            lock.unlock();
        }
        watches.signal(id);
        return job;
    }

    /**
     * Forgets a final job, its events and its report.
     *
     * @throws JobException JOB_NOT_FOUND, JOB_NOT_FINAL
     */
    public void delete(String id) {
        lock.lock();
        try {
            Job job = required(id);
            if (!job.state().isFinal()) {
                throw new JobException(
                        Problem.JOB_NOT_FINAL,
                        id,
                        "job " + id + " is " + job.state() + "; cancel it and wait until it has stopped");
            }
            store.delete(id);
        } finally {
            lock.unlock();
        }
        watches.signal(id);
    }

    private Job add(Submission submission) {
        requireRoom(submission.id());
        UUID uid = uids.get();
        String id = submission.id().isEmpty() ? JobIds.from(uid) : submission.id();
        Job job = Job.queued(id, uid.toString(), submission, clock.instant());
        String reason = placeReason(store.count(JobState.QUEUED, Long.MAX_VALUE) + 1);
        Job stored = store.insert(job, new JobEvent.StateChanged(null, JobState.QUEUED, reason, null));
        claimable.signalAll();
        return placed(stored);
    }

    private void requireSpace() {
        int waiting = store.count(JobState.QUEUED, Long.MAX_VALUE);
        if (waiting >= maxWaiting) {
            throw new JobException(
                    Problem.QUEUE_FULL,
                    "",
                    "the queue is full: " + waiting + " jobs wait, at most " + maxWaiting
                            + " may; try again when one has finished, or cancel one",
                    Map.of("waiting", String.valueOf(waiting), "limit", String.valueOf(maxWaiting)));
        }
    }

    private Job finish(String id, JobState state, String reason, JobError error) {
        return release(id, job -> change(job, state, reason, error));
    }

    /** Changes the running job, which runs no longer. */
    private Job release(String id, UnaryOperator<Job> change) {
        Job job;
        lock.lock();
        try {
            job = change.apply(required(id));
            running = null;
            claimable.signalAll();
        } finally {
            lock.unlock();
        }
        watches.signal(id);
        return job;
    }

    private Job change(Job job, JobState next, String reason, JobError error) {
        Instant now = clock.instant();
        return store(job, job.became(next, reason, error, now), now);
    }

    private Job store(Job before, Job after, Instant now) {
        store.update(
                after, new JobEvent.StateChanged(before.state(), after.state(), after.reason(), after.error()), now);
        return after;
    }

    private Job required(String id) {
        return store.find(id)
                .orElseThrow(() -> new JobException(
                        Problem.JOB_NOT_FOUND, id, "job " + id + " does not exist; list the jobs to see which do"));
    }

    private Job placed(Job job) {
        if (job.state() != JobState.QUEUED) {
            return job;
        }
        int position = store.count(JobState.QUEUED, job.number()) + 1;
        return job.placed(position, placeReason(position));
    }

    private String placeReason(int position) {
        int before = position - 1 + (running == null ? 0 : 1);
        return switch (before) {
            case 0 -> "waiting: next to run";
            case 1 -> "waiting: 1 job before this one";
            default -> "waiting: " + before + " jobs before this one";
        };
    }
}
