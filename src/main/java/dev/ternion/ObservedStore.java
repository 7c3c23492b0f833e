package dev.ternion;

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

/** A store that tells of each change of state after it is on disk. */
final class ObservedStore implements JobStore {
    private final JobStore store;
    private final Listener listener;

    /** Is told; must be quick and throw nothing. */
    interface Listener {
        void changed(Job job, JobEvent.StateChanged change, Instant time);
    }

    ObservedStore(JobStore store, Listener listener) {
        this.store = store;
        this.listener = listener;
    }

    @Override
    public void update(Job job, List<JobEvent.Body> events, Instant time) {
        store.update(job, events, time);
        for (JobEvent.Body body : events) {
            if (body instanceof JobEvent.StateChanged change) {
                listener.changed(job, change, time);
            }
        }
    }

    @Override
    public Job insert(Job job, JobEvent.Body first) {
        return store.insert(job, first);
    }

    @Override
    public boolean record(String id, int attempt, long first, List<Report> reports) {
        return store.record(id, attempt, first, reports);
    }

    @Override
    public void active(String id, int attempt, Duration time, Instant now) {
        store.active(id, attempt, time, now);
    }

    @Override
    public Optional<Job> find(String id) {
        return store.find(id);
    }

    @Override
    public Optional<Made> findByRequest(String requestId) {
        return store.findByRequest(requestId);
    }

    @Override
    public List<Job> list(Set<JobState> states, long below, int limit) {
        return store.list(states, below, limit);
    }

    @Override
    public Optional<Job> numbered(long number) {
        return store.numbered(number);
    }

    @Override
    public Map<Long, Duration> deviceTime(String owner) {
        return store.deviceTime(owner);
    }

    @Override
    public int count(JobState state) {
        return store.count(state);
    }

    @Override
    public List<JobEvent> events(String id, long fromSequence, int limit) {
        return store.events(id, fromSequence, limit);
    }

    @Override
    public long lastSequence(String id) {
        return store.lastSequence(id);
    }

    @Override
    public Optional<JobEvent> latest(String id, JobEvent.Kind kind) {
        return store.latest(id, kind);
    }

    @Override
    public List<AttemptEntry> attempts(String id) {
        return store.attempts(id);
    }

    @Override
    public void delete(String id) {
        store.delete(id);
    }

    @Override
    public List<Change> changes(long after, int limit) {
        return store.changes(after, limit);
    }

    @Override
    public List<Change> standing(Set<JobState> states, long after, long upTo, int limit) {
        return store.standing(states, after, upTo, limit);
    }

    @Override
    public Extent extent() {
        return store.extent();
    }
}
