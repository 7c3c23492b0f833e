package dev.ternion.jobs;

import dev.ternion.jobs.JobException.Problem;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** What clients do with jobs: submit, look, watch, pause, cancel, delete. Each device has a queue: by priority, then first in, first out. */
public final class JobQueue {
    /** Jobs that may wait. */
    public static final int DEFAULT_MAX_WAITING = 100;

    private final JobChanges changes;
    private final JobStore store;
    private final Places places;
    private final Supplier<UUID> uids;
    private final int maxWaiting;

    /**
     * @param changes of the jobs
     * @param uids makes a new uid at each call
     * @param maxWaiting jobs that may wait, at least 1
     */
    public JobQueue(JobChanges changes, Supplier<UUID> uids, int maxWaiting) {
        this.changes = changes;
        this.store = changes.store();
        this.places = new Places(changes);
        this.uids = uids;
        this.maxWaiting = maxWaiting;
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
        return made.map(JobStore.Made::job).map(places::of);
    }

    /**
     * Queues a job, or finds the one that the same request made before.
     *
     * @throws JobException ID_INVALID, REQUEST_ID_REUSED, REQUEST_JOB_GONE, JOB_EXISTS, QUEUE_FULL, JOB_LIMIT
     */
    public Job submit(Submission submission) {
        return submit(submission, () -> {});
    }

    /**
     * The same.
     *
     * @param prepare done just before the job is stored, when nothing is against it; what it throws is. Must be short
     */
    public Job submit(Submission submission, Runnable prepare) {
        return changes.exclusively(() -> {
            Optional<Job> made = replay(submission.requestId(), submission.fingerprint());
            return made.isPresent() ? made.get() : add(submission, prepare);
        });
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
        requireSpace();
    }

    /** Does something, quick, while no job changes but by it. */
    public <T> T exclusively(Supplier<T> task) {
        return changes.exclusively(task);
    }

    /** Jobs of this owner that wait. */
    public int waiting(String owner) {
        return changes.queues().waiting(owner);
    }

    /** How long jobs of this owner have had devices lately. */
    public DeviceTime deviceTime(String owner) {
        return changes.times().of(owner);
    }

    /** The job with this id, without its place. */
    public Optional<Job> find(String id) {
        return store.find(id);
    }

    /** The job; with its place if it waits. */
    public Job get(String id) {
        return places.of(required(id));
    }

    /** Jobs by falling number, see {@link JobStore#list}; those that wait with their places. */
    public List<Job> list(Set<JobState> states, long below, int limit) {
        return places.of(store.list(states, below, limit));
    }

    /** All jobs that are not final, without their places. */
    public List<Job> open() {
        return store.list(JobState.OPEN, Long.MAX_VALUE, Integer.MAX_VALUE);
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
     * The newest attempts at a job, see {@link JobStore#attempts}.
     *
     * @throws JobException JOB_NOT_FOUND
     */
    public List<AttemptEntry> attempts(String id) {
        required(id);
        return store.attempts(id);
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
        return changes.watches().add(id, signal);
    }

    /** The same for all jobs: called after every change of a state, every new job and every deleted one. */
    public Watch watchAll(Runnable signal) {
        return changes.watches().add(JobWatches.ALL, signal);
    }

    /** Those who watch the job hear that there is something new of it that is not kept here. */
    public void signal(String id) {
        changes.watches().signal(id);
    }

    /** The changes of all jobs. */
    public ChangeLog changeLog() {
        return changes.log();
    }

    /** Watches that are open. */
    public int watches() {
        return changes.watches().count();
    }

    /**
     * Asks a job to stop: one that does not run yet is CANCELLED at once, a running one CANCELLING, one asked before stays.
     *
     * @param reason kept with the job
     * @throws JobException JOB_NOT_FOUND, JOB_FINAL
     */
    public Job cancel(String id, String reason) {
        return changes.exclusively(() -> {
            Job job = required(id);
            return switch (job.state()) {
                case QUEUED, STARTING, PAUSED ->
                    changes.become(job, job.became(JobState.CANCELLED, reason, changes.now()));
                case RUNNING, PAUSING -> changes.become(job, job.became(JobState.CANCELLING, reason, changes.now()));
                case CANCELLING -> job;
                case SUCCEEDED, FAILED, CANCELLED, EXPIRED -> throw isFinal(job, "cancelled");
            };
        });
    }

    /**
     * Takes a job from its device, or from the queue: one that runs makes a checkpoint first and is PAUSING until then, another is
     * PAUSED at once, one asked before stays. The attempt does not count.
     *
     * @param reason kept with the job
     * @throws JobException JOB_NOT_FOUND, JOB_FINAL, JOB_NOT_PAUSABLE
     */
    public Job pause(String id, String reason) {
        return changes.exclusively(() -> {
            Job job = required(id);
            return switch (job.state()) {
                case QUEUED -> changes.become(job, job.became(JobState.PAUSED, reason, changes.now()));
                case STARTING ->
                    changes.become(
                            job, job.became(JobState.PAUSED, reason, job.runs().givenBack(), null, changes.now()));
                case RUNNING -> changes.become(job, job.became(JobState.PAUSING, reason, changes.now()));
                case PAUSING, PAUSED -> job;
                case CANCELLING ->
                    throw new JobException(
                            Problem.JOB_NOT_PAUSABLE, id, "job " + id + " is being cancelled and cannot be paused");
                case SUCCEEDED, FAILED, CANCELLED, EXPIRED -> throw isFinal(job, "paused");
            };
        });
    }

    /**
     * Puts a paused job into the queue again, at its old place.
     *
     * @throws JobException JOB_NOT_FOUND, JOB_FINAL, JOB_NOT_PAUSED, QUEUE_FULL
     */
    public Job resume(String id) {
        return resume(id, job -> {});
    }

    /**
     * The same.
     *
     * @param check of the job, done just before it is put there; what it throws is. Must be short
     */
    public Job resume(String id, Consumer<Job> check) {
        return changes.exclusively(() -> {
            Job job = required(id);
            if (job.state().isFinal()) {
                throw isFinal(job, "resumed");
            }
            if (job.state() != JobState.PAUSED) {
                throw new JobException(
                        Problem.JOB_NOT_PAUSED,
                        id,
                        "job " + id + " is " + job.state() + ", only a PAUSED one can be resumed");
            }
            requireSpace();
            check.accept(job);
            return places.of(changes.become(job, job.became(JobState.QUEUED, "waiting: resumed", changes.now())));
        });
    }

    /**
     * Asks a running job for a checkpoint at its next step; it goes on. One that stops first makes none, unless it is paused or handed
     * over.
     *
     * @return steps done in the whole job by the checkpoint, once it is on disk; else a JobException CHECKPOINT_NOT_MADE. May be
     *     cancelled. Completed under a lock: do what follows on another thread
     * @throws JobException JOB_NOT_FOUND, JOB_FINAL, JOB_NOT_RUNNING
     */
    public CompletableFuture<Long> checkpoint(String id) {
        return changes.exclusively(() -> {
            Job job = required(id);
            if (job.state().isFinal()) {
                throw isFinal(job, "asked for a checkpoint");
            }
            if (job.state() != JobState.RUNNING) {
                throw new JobException(
                        Problem.JOB_NOT_RUNNING,
                        id,
                        "job " + id + " is " + job.state()
                                + ", only a RUNNING one makes checkpoints; list those that it has");
            }
            return changes.requests().add(job, uids);
        });
    }

    private static JobException isFinal(Job job, String participle) {
        return new JobException(
                Problem.JOB_FINAL,
                job.id(),
                "job " + job.id() + " is " + job.state() + " and can no longer be " + participle);
    }

    /**
     * Forgets a final job, its events and its report.
     *
     * @throws JobException JOB_NOT_FOUND, JOB_NOT_FINAL
     */
    public void delete(String id) {
        changes.exclusively(() -> {
            Job job = required(id);
            if (!job.state().isFinal()) {
                throw new JobException(
                        Problem.JOB_NOT_FINAL,
                        id,
                        "job " + id + " is " + job.state() + "; cancel it and wait until it has stopped");
            }
            changes.delete(id);
            return null;
        });
        changes.watches().signalChange(id);
    }

    private Job add(Submission submission, Runnable prepare) {
        requireRoom(submission.id());
        prepare.run();
        UUID uid = uids.get();
        String id = submission.id().isEmpty() ? JobIds.from(uid) : submission.id();
        Job queued = Job.queued(id, uid.toString(), submission, changes.now());
        return places.of(changes.add(queued.placed(0, places.reason(queued))));
    }

    private void requireSpace() {
        int waiting = changes.queues().waiting();
        if (waiting >= maxWaiting) {
            throw new JobException(
                    Problem.QUEUE_FULL,
                    "",
                    "the queue is full: " + waiting + " jobs wait, at most " + maxWaiting
                            + " may; try again when one has finished, or cancel one",
                    Map.of("waiting", String.valueOf(waiting), "limit", String.valueOf(maxWaiting)));
        }
    }

    private Job required(String id) {
        return changes.required(id);
    }
}
