package dev.ternion.jobs;

import dev.ternion.jobs.JobException.Problem;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/** Changes of jobs, one at a time; each is in the store, with its events, before anybody hears of it. */
public final class JobChanges {
    private final JobStore store;
    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final JobWatches watches = new JobWatches();
    private final CheckpointRequests requests = new CheckpointRequests();
    private final RecentChanges recent;
    private final DeviceQueues queues;
    private final DeviceTimes times;
    private final Holds holds;
    private volatile Consumer<Job> listener = job -> {};
    private volatile ToLongFunction<String> freeMemory = device -> Long.MAX_VALUE;

    /**
     * @param store where jobs are kept; changed through this object alone
     * @param clock tells the time of changes
     */
    public JobChanges(JobStore store, Clock clock) {
        this.store = store;
        this.clock = clock;
        this.recent = new RecentChanges(store);
        this.queues = new DeviceQueues(store);
        this.times = new DeviceTimes(store, clock);
        this.holds = new Holds(times);
    }

    JobStore store() {
        return store;
    }

    ChangeLog log() {
        return recent;
    }

    DeviceQueues queues() {
        return queues;
    }

    DeviceTimes times() {
        return times;
    }

    Holds holds() {
        return holds;
    }

    JobWatches watches() {
        return watches;
    }

    /** Checkpoints that clients wait for; used in {@link #exclusively}. */
    CheckpointRequests requests() {
        return requests;
    }

    Instant now() {
        return clock.instant();
    }

    /** Has every new record of a job told to {@code listener}, under the lock, before watchers hear of it. */
    void listen(Consumer<Job> newListener) {
        listener = newListener;
    }

    /** Has jobs wait for memory: {@code free} tells the bytes that a device has left now; quick, from any thread. */
    public void measure(ToLongFunction<String> free) {
        freeMemory = free;
    }

    /** Has jobs held back whose owner has what it may: {@code allowances} tells what that is; quick, from any thread. */
    public void allow(Function<String, Allowance> allowances) {
        holds.allow(allowances);
    }

    /** Bytes that a device has left now. */
    long freeMemory(String device) {
        return freeMemory.applyAsLong(device);
    }

    /** Does something while no job changes but by it. */
    <T> T exclusively(Supplier<T> task) {
        lock.lock();
        try {
            return task.get();
        } finally {
            lock.unlock();
        }
    }

    /** Adds a job; the caller is in {@link #exclusively}. */
    Job add(Job job) {
        Job stored =
                followed(() -> store.insert(job, new JobEvent.StateChanged(null, job.state(), job.reason(), null)));
        listener.accept(stored);
        watches.signalChange(stored.id());
        return stored;
    }

    /**
     * Gives a job its next state; the caller is in {@link #exclusively}.
     *
     * @param first events that come before the one of the change
     */
    Job become(Job before, Job after, JobEvent.Body... first) {
        List<JobEvent.Body> events = new ArrayList<>(List.of(first));
        events.add(new JobEvent.StateChanged(before.state(), after.state(), after.reason(), after.error()));
        followed(() -> {
            try {
                store.update(after, events, clock.instant());
            } finally {
                times.forget(after.origin().owner());
            }
            return after;
        });
        listener.accept(after);
        requests.follow(after);
        watches.signalChange(after.id());
        return after;
    }

    /** Notes how long a job has had a device; the caller is in {@link #exclusively}. */
    void note(Lease lease, Duration active) {
        try {
            store.active(lease.jobId(), lease.attempt(), active, clock.instant());
        } finally {
            times.forget(lease.owner());
        }
    }

    /** Deletes a job; the caller is in {@link #exclusively}, and signals when it has left it. */
    void delete(String id) {
        try {
            store.delete(id);
        } finally {
            recent.stale();
        }
    }

    /** Makes a change that goes into the log and the queues, also when it fails: it may have happened, but when the store refuses it. */
    private Job followed(Supplier<Job> change) {
        try {
            Job job = change.get();
            queues.follow(job);
            return job;
        } catch (JobException e) {
            throw e;
        } catch (RuntimeException e) {
            queues.forget();
            throw e;
        } finally {
            recent.stale();
        }
    }

    /** @throws JobException JOB_NOT_FOUND */
    Job required(String id) {
        return store.find(id)
                .orElseThrow(() -> new JobException(
                        Problem.JOB_NOT_FOUND, id, "job " + id + " does not exist; list the jobs to see which do"));
    }
}
