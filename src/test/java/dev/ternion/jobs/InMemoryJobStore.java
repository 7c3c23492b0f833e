package dev.ternion.jobs;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Keeps jobs in memory, bounded in jobs and in events of a job; they end with the process. */
public final class InMemoryJobStore implements JobStore {
    /** Jobs kept. */
    public static final int DEFAULT_MAX_JOBS = 1000;

    /** Events kept of a job. */
    public static final int DEFAULT_MAX_EVENTS = 2000;

    /** Changes kept. */
    public static final int DEFAULT_MAX_CHANGES = 10_000;

    private final int maxJobs;
    private final int maxEvents;
    private final int maxChanges;
    private final TreeMap<Long, Change> changes = new TreeMap<>();
    private long lastRevision;
    private final Map<String, Entry> byId = new HashMap<>();
    private final Map<String, Job> requests = new HashMap<>();
    private final Map<String, TreeMap<Long, Duration>> deviceTimes = new HashMap<>();
    private final TreeMap<Long, String> idByNumber = new TreeMap<>();
    private long lastNumber;

    /**
     * @param maxJobs jobs kept, at least 1
     * @param maxEvents events kept of each job, at least 16
     * @param maxChanges changes kept
     */
    public InMemoryJobStore(int maxJobs, int maxEvents, int maxChanges) {
        if (maxJobs < 1 || maxEvents < 16) {
            throw new IllegalArgumentException(
                    "max jobs " + maxJobs + ", max events " + maxEvents + "; wanted at least 1 and at least 16");
        }
        this.maxJobs = maxJobs;
        this.maxEvents = maxEvents;
        this.maxChanges = maxChanges;
    }

    /** With the default bound of changes. */
    public InMemoryJobStore(int maxJobs, int maxEvents) {
        this(maxJobs, maxEvents, DEFAULT_MAX_CHANGES);
    }

    /** With the default bounds. */
    public InMemoryJobStore() {
        this(DEFAULT_MAX_JOBS, DEFAULT_MAX_EVENTS);
    }

    @Override
    public synchronized Job insert(Job job, JobEvent.Body first) {
        if (byId.containsKey(job.id())) {
            throw JobException.exists(job.id());
        }
        makeRoom();
        requests.values()
                .removeIf(made -> made.created().isBefore(job.created().minus(REMEMBERED))
                        && findByRequest(made.requestId()).orElseThrow().job() == null);
        Job numbered = job.numbered(++lastNumber);
        Entry entry = new Entry(numbered, new EventLog(maxEvents));
        entry.log.append(first, job.created());
        byId.put(job.id(), entry);
        idByNumber.put(numbered.number(), job.id());
        if (!job.requestId().isEmpty()) {
            requests.put(job.requestId(), job);
        }
        changed(entry, null, false);
        return numbered;
    }

    @Override
    public synchronized void update(Job job, List<JobEvent.Body> change, Instant time) {
        Entry entry = required(job.id());
        if (job.revision() != entry.job.revision() + 1) {
            throw new IllegalStateException("job " + job.id() + " is at revision " + entry.job.revision()
                    + ", cannot take revision " + job.revision());
        }
        entry.told = job.runs().newest() == entry.job.runs().newest() ? entry.told : 0;
        JobState before = entry.job.state();
        entry.attempts.follow(entry.job, job, change, time);
        note(entry.job, job.runs().active(), time);
        entry.job = job;
        change.forEach(event -> entry.log.append(event, time));
        changed(entry, before, false);
    }

    private void changed(Entry entry, JobState from, boolean deleted) {
        entry.change = new Change(++lastRevision, from, entry.job.outline(), entry.log.last(), deleted);
        changes.put(lastRevision, entry.change);
        changes.headMap(lastRevision - maxChanges, true).clear();
    }

    @Override
    public synchronized List<Change> changes(long after, int limit) {
        return changes.tailMap(after, false).values().stream().limit(limit).toList();
    }

    @Override
    public synchronized List<Change> standing(Set<JobState> states, long after, long upTo, int limit) {
        return byId.values().stream()
                .filter(entry -> states.isEmpty() || states.contains(entry.job.state()))
                .map(entry -> new Change(entry.change.revision(), null, entry.change.job(), entry.log.last(), false))
                .filter(change -> change.revision() > after && change.revision() <= upTo)
                .sorted(Comparator.comparingLong(Change::revision))
                .limit(limit)
                .toList();
    }

    @Override
    public synchronized Extent extent() {
        return new Extent(
                "0123456789abcdef0123456789abcdef",
                changes.isEmpty() ? lastRevision + 1 : changes.firstKey(),
                lastRevision);
    }

    /** Appends an event that no worker has told; no watcher hears of it. */
    public synchronized void append(String id, JobEvent.Body body) {
        required(id).log.append(body, Instant.EPOCH);
    }

    @Override
    public synchronized boolean record(String id, int attempt, long first, List<Report> reports) {
        Entry entry = byId.get(id);
        if (entry == null || entry.job.runs().newest() != attempt || !JobState.UNDER_WAY.contains(entry.job.state())) {
            return false;
        }
        if (first > entry.told + 1) {
            throw new IllegalStateException("report " + first + " after " + entry.told);
        }
        for (long number = entry.told + 1; number < first + reports.size(); number++) {
            Report report = reports.get((int) (number - first));
            entry.log.append(report.body(), report.time());
            entry.told = number;
        }
        return true;
    }

    @Override
    public synchronized void active(String id, int attempt, Duration time, Instant now) {
        Entry entry = byId.get(id);
        if (entry != null && entry.job.runs().newest() == attempt) {
            note(entry.job, time, now);
            entry.job = entry.job.active(time);
        }
    }

    @Override
    public synchronized Optional<Job> find(String id) {
        return Optional.ofNullable(byId.get(id)).map(entry -> entry.job);
    }

    @Override
    public synchronized Optional<Made> findByRequest(String requestId) {
        return Optional.ofNullable(requests.get(requestId))
                .map(made -> new Made(
                        made.id(),
                        made.fingerprint(),
                        find(made.id())
                                .filter(job -> job.requestId().equals(requestId))
                                .orElse(null)));
    }

    @Override
    public synchronized List<Job> list(Set<JobState> states, long below, int limit) {
        return idByNumber.headMap(below, false).descendingMap().values().stream()
                .map(id -> byId.get(id).job)
                .filter(job -> states.isEmpty() || states.contains(job.state()))
                .limit(limit)
                .toList();
    }

    @Override
    public synchronized Optional<Job> numbered(long number) {
        return Optional.ofNullable(idByNumber.get(number)).map(id -> byId.get(id).job);
    }

    @Override
    public synchronized Map<Long, Duration> deviceTime(String owner) {
        return Map.copyOf(deviceTimes.getOrDefault(owner, new TreeMap<>()));
    }

    private void note(Job before, Duration active, Instant now) {
        Duration more = active.minus(before.runs().active());
        String owner = before.origin().owner();
        if (owner.isEmpty() || more.isNegative() || more.isZero()) {
            return;
        }
        long hour = DeviceTime.hour(now);
        deviceTimes.computeIfAbsent(owner, key -> new TreeMap<>()).merge(hour, more, Duration::plus);
        deviceTimes
                .values()
                .forEach(hours -> hours.headMap(hour - DeviceTime.WINDOW, true).clear());
    }

    @Override
    public synchronized int count(JobState state) {
        return list(Set.of(state), Long.MAX_VALUE, Integer.MAX_VALUE).size();
    }

    @Override
    public synchronized List<JobEvent> events(String id, long fromSequence, int limit) {
        Entry entry = byId.get(id);
        return entry == null ? List.of() : entry.log.from(fromSequence, limit);
    }

    @Override
    public synchronized long lastSequence(String id) {
        Entry entry = byId.get(id);
        return entry == null ? 0 : entry.log.last();
    }

    @Override
    public synchronized Optional<JobEvent> latest(String id, JobEvent.Kind kind) {
        return Optional.ofNullable(byId.get(id)).flatMap(entry -> entry.log.latest(kind));
    }

    @Override
    public synchronized List<AttemptEntry> attempts(String id) {
        Entry entry = byId.get(id);
        return entry == null ? List.of() : entry.attempts.list();
    }

    @Override
    public synchronized void delete(String id) {
        Entry entry = byId.remove(id);
        if (entry != null) {
            idByNumber.remove(entry.job.number());
            changed(entry, entry.job.state(), true);
        }
    }

    private void makeRoom() {
        if (byId.size() < maxJobs) {
            return;
        }
        String oldest = idByNumber.values().stream()
                .filter(id -> byId.get(id).job.state().isFinal())
                .findFirst()
                .orElseThrow(() -> JobException.full(maxJobs));
        delete(oldest);
    }

    private Entry required(String id) {
        Entry entry = byId.get(id);
        if (entry == null) {
            throw new IllegalStateException("job " + id + " does not exist");
        }
        return entry;
    }

    private static final class Entry {
        private Job job;
        private final EventLog log;
        private final AttemptLog attempts = new AttemptLog();
        private long told;
        private Change change;

        private Entry(Job job, EventLog log) {
            this.job = job;
            this.log = log;
        }
    }
}
