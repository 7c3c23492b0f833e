package dev.ternion.store;

import dev.ternion.jobs.AttemptEntry;
import dev.ternion.jobs.Change;
import dev.ternion.jobs.Job;
import dev.ternion.jobs.JobEvent;
import dev.ternion.jobs.JobState;
import dev.ternion.jobs.JobStore;
import dev.ternion.jobs.Report;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** A store that survives faults that pass: a change that had happened although the call failed is found, not made twice. */
final class SteadyJobStore implements JobStore {
    private final JobStore store;
    private final Retries retries;

    SteadyJobStore(JobStore store, Retries retries) {
        this.store = store;
        this.retries = retries;
    }

    @Override
    public Job insert(Job job, JobEvent.Body first) {
        return change(
                () -> store.insert(job, first),
                () -> store.find(job.id()).filter(found -> found.uid().equals(job.uid())));
    }

    @Override
    public void update(Job job, List<JobEvent.Body> change, Instant time) {
        change(
                () -> {
                    store.update(job, change, time);
                    return job;
                },
                () -> store.find(job.id()).filter(job::equals));
    }

    @Override
    public boolean record(String id, int attempt, long first, List<Report> reports) {
        return change(() -> store.record(id, attempt, first, reports), Optional::empty);
    }

    @Override
    public void active(String id, int attempt, Duration time, Instant now) {
        change(
                () -> {
                    store.active(id, attempt, time, now);
                    return id;
                },
                Optional::empty);
    }

    @Override
    public void delete(String id) {
        change(
                () -> {
                    store.delete(id);
                    return id;
                },
                Optional::empty);
    }

    @Override
    public Optional<Job> find(String id) {
        return read(() -> store.find(id));
    }

    @Override
    public Optional<Made> findByRequest(String requestId) {
        return read(() -> store.findByRequest(requestId));
    }

    @Override
    public List<Job> list(Set<JobState> states, long below, int limit) {
        return read(() -> store.list(states, below, limit));
    }

    @Override
    public Optional<Job> numbered(long number) {
        return read(() -> store.numbered(number));
    }

    @Override
    public Map<Long, Duration> deviceTime(String owner) {
        return read(() -> store.deviceTime(owner));
    }

    @Override
    public int count(JobState state) {
        return read(() -> store.count(state));
    }

    @Override
    public List<JobEvent> events(String id, long fromSequence, int limit) {
        return read(() -> store.events(id, fromSequence, limit));
    }

    @Override
    public long lastSequence(String id) {
        return read(() -> store.lastSequence(id));
    }

    @Override
    public Optional<JobEvent> latest(String id, JobEvent.Kind kind) {
        return read(() -> store.latest(id, kind));
    }

    @Override
    public List<Change> changes(long after, int limit) {
        return read(() -> store.changes(after, limit));
    }

    @Override
    public List<Change> standing(Set<JobState> states, long after, long upTo, int limit) {
        return read(() -> store.standing(states, after, upTo, limit));
    }

    @Override
    public Extent extent() {
        return read(store::extent);
    }

    @Override
    public List<AttemptEntry> attempts(String id) {
        return read(() -> store.attempts(id));
    }

    private <T> T read(Supplier<T> call) {
        return change(call, Optional::empty);
    }

    /** @param done what the call would have returned, when a call that failed has done its work */
    private <T> T change(Supplier<T> call, Supplier<Optional<T>> done) {
        return retries.call(call, done);
    }
}
