package dev.ternion.jobs;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Attempts at jobs: starts a worker for the job that is next on a device, hears what it says, and takes a job back whose worker is
 * gone or silent. One worker at a time on each device, which is free once the process is gone.
 */
public final class JobRuns implements Runnable {
    /** Starts of a job; one that was lost so often fails. */
    public static final int MAX_ATTEMPTS = 5;

    /** A worker that is silent for longer is lost. */
    public static final Duration LEASE = Duration.ofSeconds(15);

    /** Time for a worker to claim its job. */
    public static final Duration START = Duration.ofSeconds(60);

    private static final Logger LOG = LoggerFactory.getLogger(JobRuns.class);
    private static final long TURN_MS = 500;
    private static final long DRAIN_MS = 20;
    private static final String STOPPED = "the server stopped while the job ran";
    private static final String NOT_KEPT = "the object store did not take what it has made";

    private final JobChanges changes;
    private final AttemptEnds ends;
    private final Workers workers;
    private final LongSupplier nanos;
    private final Consumer<String> onFinal;
    private final Results results;
    private final Map<String, Lease> leases = new HashMap<>();
    private final Queue<String> ended = new ConcurrentLinkedQueue<>();
    private final Semaphore news = new Semaphore(0);
    private boolean draining;
    private volatile boolean closed;

    /**
     * Takes up the jobs that were under way when the last server ended: one whose worker is still there goes on, others are lost.
     *
     * @param workers starts processes
     * @param nanos as {@link System#nanoTime}
     * @param onFinal called with the id of each job that is final and whose process is gone: what was kept to go on with it can be
     *     removed. From the thread of {@link #turn}, which starts nothing meanwhile
     */
    public JobRuns(JobChanges changes, Workers workers, LongSupplier nanos, Consumer<String> onFinal) {
        this(changes, workers, nanos, onFinal, job -> Results.Stage.KEPT);
    }

    /**
     * The same.
     *
     * @param results asked before a job is done
     */
    public JobRuns(JobChanges changes, Workers workers, LongSupplier nanos, Consumer<String> onFinal, Results results) {
        this.changes = changes;
        this.ends = new AttemptEnds(changes);
        this.workers = workers;
        this.nanos = nanos;
        this.onFinal = onFinal;
        this.results = results;
        changes.listen(this::follow);
        changes.exclusively(() -> {
            changes.store()
                    .list(JobState.UNDER_WAY, Long.MAX_VALUE, Integer.MAX_VALUE)
                    .forEach(this::takeUp);
            return null;
        });
    }

    private void takeUp(Job job) {
        String name = job.runs().worker();
        Optional<Workers.Worker> found = name.isEmpty() ? Optional.empty() : workers.find(name);
        if (found.isPresent()) {
            Lease lease = new Lease(job, found.get(), nanos.getAsLong(), LEASE);
            lease.claim();
            leases.put(job.id(), lease);
        } else if (job.state() == JobState.STARTING) {
            ends.released(job, "the server ended before the job ran");
        } else {
            ends.lost(job, "the server ended while the job ran");
        }
    }

    private void follow(Job job) {
        Lease lease = leases.get(job.id());
        if (lease != null) {
            lease.follow(job);
        }
        if (job.state().isFinal()) {
            ended.add(job.id());
        }
        news.release();
    }

    /** Takes turns until {@link #close}. */
    @Override
    public void run() {
        boolean away = false;
        while (!closed) {
            try {
                turn();
                away = false;
            } catch (StoreUnavailable e) {
                if (!away) {
                    LOG.warn("jobs wait: {}", e.getMessage());
                }
                away = true;
            } catch (RuntimeException e) {
                LOG.error("jobs could not be looked after, the next try follows", e);
            }
            await(TURN_MS);
        }
    }

    private void await(long millis) {
        try {
            if (news.tryAcquire(millis, TimeUnit.MILLISECONDS)) {
                news.drainPermits();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closed = true;
        }
    }

    /** Ends {@link #run}. */
    public void close() {
        closed = true;
        news.release();
    }

    /** Takes back what is lost, forgets what is over, starts what can start. */
    public void turn() {
        changes.exclusively(() -> {
            new ArrayList<>(leases.values()).forEach(this::review);
            return null;
        });
        cleanUp();
        Set<String> devices = changes.queues().awaited();
        while (!devices.isEmpty()) {
            changes.exclusively(() -> {
                startFirst(devices);
                return null;
            });
        }
    }

    private void review(Lease lease) {
        long now = nanos.getAsLong();
        boolean alive = lease.worker().isAlive();
        boolean late = lease.isLate(now);
        if (!lease.isOver() && (late || !alive)) {
            ends.lost(current(lease), alive ? "its worker was silent for too long" : "its worker ended without a word");
            late = true;
        } else if (!lease.isOver() && lease.isOverLimit(now)) {
            ends.expired(current(lease));
        }
        if (alive && (late || lease.isOver() && !lease.isClaimed())) {
            lease.worker().kill();
        } else if (!alive) {
            leases.remove(lease.jobId());
        } else if (!lease.isOver() && lease.active().isDue(now)) {
            changes.note(lease, lease.active().until(now));
        }
    }

    /** The job as it stands, with its active time. */
    private Job current(Lease lease) {
        return changes.required(lease.jobId()).active(lease.active().until(nanos.getAsLong()));
    }

    /** Tells of the final jobs without a process. */
    private void cleanUp() {
        Queue<String> later = new ArrayDeque<>();
        for (String id = ended.poll(); id != null; id = ended.poll()) {
            String job = id;
            if (changes.exclusively(() -> leases.containsKey(job))) {
                later.add(id);
            } else if (changes.store().find(id).map(JobRuns::hasNothing).orElse(true)) {
                onFinal.accept(id);
            }
        }
        ended.addAll(later);
    }

    /** A job that is final, or one of the same id that has not begun. */
    private static boolean hasNothing(Job job) {
        return job.state().isFinal() || job.runs().newest() == 0;
    }

    /**
     * Starts the first of the jobs that are next on these devices, as it may use up what its owner may have, and removes its device;
     * also those that have nothing to start.
     */
    private void startFirst(Set<String> devices) {
        if (draining) {
            devices.clear();
            return;
        }
        Map<Rank, String> next = new TreeMap<>();
        devices.stream()
                .filter(device -> !isTaken(device))
                .forEach(device ->
                        changes.queues().first(device, this::isHeldBack).ifPresent(rank -> next.put(rank, device)));
        devices.retainAll(next.values());
        next.entrySet().stream().findFirst().ifPresent(first -> {
            devices.remove(first.getValue());
            changes.store()
                    .numbered(first.getKey().number())
                    .filter(this::canStart)
                    .ifPresent(this::start);
        });
    }

    private boolean isTaken(String device) {
        return leases.values().stream().anyMatch(lease -> lease.device().equals(device));
    }

    private boolean isHeldBack(String owner) {
        int running = (int) leases.values().stream()
                .filter(lease -> lease.owner().equals(owner))
                .count();
        return changes.holds().reason(owner, running).isPresent();
    }

    /** Nothing overtakes a job that cannot start now, unless its owner's jobs are held back. */
    private boolean canStart(Job job) {
        // The process of an earlier job of the same id may still be there, on another device.
        return !leases.containsKey(job.id())
                && job.placement().memory()
                        <= changes.freeMemory(job.placement().device());
    }

    private void start(Job queued) {
        Job job = changes.become(
                queued,
                queued.became(
                        JobState.STARTING, "starting a worker", queued.runs().started(), null, changes.now()));
        try {
            Workers.Worker worker = workers.start(job.id(), job.runs().newest(), news::release);
            leases.put(job.id(), new Lease(job, worker, nanos.getAsLong(), START));
        } catch (IOException e) {
            LOG.error("no worker can be started for job {}", job.id(), e);
            ends.lost(job, "no worker could be started: " + e.getMessage());
        }
    }

    /**
     * A worker takes its attempt; the job is RUNNING. The job has its active time until now. May be repeated.
     *
     * @throws AttemptOver if it is
     */
    public Job claim(String id, int attempt) {
        return changes.exclusively(() -> {
            Lease lease = required(id, attempt);
            Job job = current(lease);
            if (!lease.isClaimed()) {
                job = changes.become(
                        job,
                        job.became(
                                JobState.RUNNING,
                                "running",
                                job.runs().claimedBy(lease.worker().name()),
                                null,
                                changes.now()));
                lease.claim();
            }
            lease.extend(nanos.getAsLong(), LEASE);
            return job;
        });
    }

    /**
     * A worker says how long its job has had a device, by its own clock: it may have outlived a server. Its lease is extended, whether or
     * not the store can take what else it says. May be repeated.
     *
     * @throws AttemptOver if it is
     */
    public void active(String id, int attempt, Duration time) {
        changes.exclusively(() -> {
            Lease lease = required(id, attempt);
            lease.active().atLeast(time, nanos.getAsLong());
            lease.extend(nanos.getAsLong(), LEASE);
            return null;
        });
    }

    /**
     * A worker says what happened, or only that it is there. May be repeated.
     *
     * @param first number of the first report in this attempt, from 1
     * @return what it is to do
     * @throws AttemptOver if it is
     */
    public Order report(String id, int attempt, long first, List<Report> reports) {
        changes.exclusively(() -> required(id, attempt));
        if (!reports.isEmpty()) {
            if (!changes.store().record(id, attempt, first, reports)) {
                throw over(id, attempt);
            }
            changes.watches().signal(id);
        }
        return changes.exclusively(() -> {
            Lease lease = required(id, attempt);
            lease.extend(nanos.getAsLong(), LEASE);
            return switch (lease.state()) {
                case CANCELLING -> Order.STOP;
                case PAUSING -> Order.HAND_OVER;
                default -> draining ? Order.HAND_OVER : Order.GO_ON;
            };
        });
    }

    /** What a worker is asked for besides: see {@link Instruction#checkpoint}. */
    public String checkpointWanted(String id, int attempt) {
        return changes.exclusively(() -> changes.requests().wanted(id, attempt));
    }

    /** A worker has made a checkpoint that it was asked for, or has failed to. May be repeated. */
    public void checkpointed(String id, int attempt, CheckpointAnswer answer) {
        changes.exclusively(() -> {
            changes.requests().answer(id, attempt, answer);
            return null;
        });
    }

    /** Those who watch the job hear that it has told something that is not kept here. */
    public void signal(String id) {
        changes.watches().signal(id);
    }

    /**
     * A worker is done and will end; all it had to say was reported.
     *
     * @return the job; still RUNNING while what it has made is not safe yet: the worker says the same again within its lease
     * @throws AttemptOver if it is; so does a repeated call
     */
    public Job finish(String id, int attempt, Outcome outcome) {
        return changes.exclusively(() -> {
            Lease lease = required(id, attempt);
            lease.extend(nanos.getAsLong(), LEASE);
            return end(current(lease), outcome);
        });
    }

    private Job end(Job job, Outcome outcome) {
        if (outcome instanceof Outcome.Succeeded done) {
            return succeeded(job, done);
        }
        if (outcome instanceof Outcome.Failed failed) {
            return ends.failed(job, failed.error());
        }
        return job.state() == JobState.RUNNING && !draining
                ? ends.lost(job, "its worker stopped unasked")
                : ends.released(job, STOPPED);
    }

    /** Whoever waits for the end of a job does not wait for its results: they are safe when it is taken up and done again. */
    private Job succeeded(Job job, Outcome.Succeeded done) {
        Results.Stage stage = results.stage(job);
        if (stage == Results.Stage.KEPT) {
            return ends.succeeded(job, done);
        }
        boolean waits = job.state() == JobState.RUNNING && !draining && stage == Results.Stage.UNDER_WAY;
        return waits ? job : ends.released(job, draining ? STOPPED : NOT_KEPT);
    }

    /**
     * Starts nothing more, has the jobs under way handed over, and returns when no process is left; one that needs longer is killed,
     * and its job goes on from its last checkpoint. In no case the attempt counts.
     */
    public void drain(Duration limit) {
        long end = nanos.getAsLong() + limit.toNanos();
        changes.exclusively(() -> {
            draining = true;
            leases.values().stream()
                    .filter(lease -> !lease.isClaimed() && !lease.isOver())
                    .toList()
                    .forEach(lease -> ends.released(current(lease), STOPPED));
            return null;
        });
        while (true) {
            turn();
            boolean late = nanos.getAsLong() - end >= 0;
            if (changes.exclusively(
                    () -> leases.isEmpty() || (late || Thread.currentThread().isInterrupted()) && abandon())) {
                return;
            }
            await(DRAIN_MS);
        }
    }

    private boolean abandon() {
        for (Lease lease : leases.values()) {
            lease.worker().kill();
            if (!lease.isOver()) {
                ends.released(current(lease), STOPPED);
            }
        }
        return true;
    }

    private Lease required(String id, int attempt) {
        Lease lease = leases.get(id);
        if (lease == null || lease.attempt() != attempt || lease.isOver()) {
            throw over(id, attempt);
        }
        return lease;
    }

    private static AttemptOver over(String id, int attempt) {
        return new AttemptOver("attempt " + attempt + " at job " + id + " is over; its worker is to end");
    }
}
