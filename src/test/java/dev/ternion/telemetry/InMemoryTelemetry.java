package dev.ternion.telemetry;

import dev.ternion.jobs.JobState;
import dev.ternion.jobs.JobStore;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/** Series and logs in memory; the store that others are compared with. */
public final class InMemoryTelemetry implements TelemetryStore {
    private final Predicate<String> there;
    private final BiPredicate<String, Integer> underWay;
    private final Bounds bounds;
    private final Clock clock;
    private final Map<String, Job> jobs = new HashMap<>();

    /**
     * @param there whether a job is
     * @param underWay whether an attempt at a job is
     */
    public InMemoryTelemetry(
            Predicate<String> there, BiPredicate<String, Integer> underWay, Bounds bounds, Clock clock) {
        this.there = there;
        this.underWay = underWay;
        this.bounds = bounds;
        this.clock = clock;
    }

    /** Of the jobs in a store. */
    public InMemoryTelemetry(JobStore jobs) {
        this(
                id -> jobs.find(id).isPresent(),
                (id, attempt) -> jobs.find(id)
                        .filter(job -> job.runs().newest() == attempt && JobState.UNDER_WAY.contains(job.state()))
                        .isPresent(),
                Bounds.DEFAULT,
                Clock.systemUTC());
    }

    private static final class Job {
        private final TreeMap<String, PointList> series = new TreeMap<>();
        private final List<LogEntry> lines = new ArrayList<>();
        private long points;
        private int attempt;
        private long told;
        private boolean cut;
    }

    @Override
    public synchronized boolean append(String id, int attempt, Told told) {
        if (!underWay.test(id, attempt)) {
            return false;
        }
        Job job = jobs.computeIfAbsent(id, its -> new Job());
        long known = job.attempt == attempt ? job.told : 0;
        if (told.firstLine() > known + 1) {
            throw new IllegalStateException("line " + told.firstLine() + " after " + known);
        }
        job.attempt = attempt;
        job.told = known;
        for (int i = 0; i < told.lines().size(); i++) {
            if (told.firstLine() + i > job.told) {
                job.told++;
                add(job, told.lines().get(i));
            }
        }
        addAll(job, told.points());
        return true;
    }

    @Override
    public synchronized boolean add(String id, Map<SeriesKey, Points> points) {
        if (!there.test(id)) {
            return false;
        }
        addAll(jobs.computeIfAbsent(id, its -> new Job()), points);
        return true;
    }

    private void addAll(Job job, Map<SeriesKey, Points> told) {
        boolean whole = true;
        TreeMap<String, Points> byName = new TreeMap<>();
        told.forEach((key, points) -> byName.put(key.text(), points));
        for (Map.Entry<String, Points> its : byName.entrySet()) {
            whole &= add(job, its.getKey(), its.getValue());
        }
        if (!whole && !job.cut) {
            job.cut = true;
            add(job, bounds.cut(clock.instant()));
        }
    }

    private boolean add(Job job, String name, Points told) {
        boolean whole = true;
        for (int i = 0; i < told.size(); i++) {
            PointList points = job.series.get(name);
            if (points != null && told.step(i) <= points.lastStep()) {
                continue;
            }
            boolean room = job.points < bounds.allPoints()
                    && (points == null ? job.series.size() < bounds.series() : points.size() < bounds.points());
            if (room) {
                job.series
                        .computeIfAbsent(name, its -> new PointList())
                        .add(told.step(i), told.value(i), told.millis(i));
                job.points++;
            }
            whole &= room;
        }
        return whole;
    }

    private void add(Job job, LogLine line) {
        long last =
                job.lines.isEmpty() ? 0 : job.lines.get(job.lines.size() - 1).sequence();
        job.lines.add(new LogEntry(last + 1, job.attempt, line));
        if (job.lines.size() > bounds.lines()) {
            job.lines.remove(0);
        }
    }

    @Override
    public synchronized List<SeriesInfo> series(String id) {
        return job(id).series.keySet().stream()
                .map(name -> find(id, SeriesKey.parse(name)).orElseThrow())
                .toList();
    }

    @Override
    public synchronized Optional<SeriesInfo> find(String id, SeriesKey key) {
        return Optional.ofNullable(job(id).series.get(key.text()))
                .map(PointList::points)
                .map(points -> {
                    int last = points.size() - 1;
                    return new SeriesInfo(key, points.size(), points.step(0), points.step(last), points.value(last));
                });
    }

    @Override
    public synchronized Points points(String id, SeriesKey key, long fromStep) {
        PointList points = job(id).series.get(key.text());
        return points == null ? Points.NONE : points.points().within(fromStep, Long.MAX_VALUE);
    }

    @Override
    public synchronized List<LogEntry> lines(String id, long fromSequence, int limit) {
        return job(id).lines.stream()
                .filter(entry -> entry.sequence() >= fromSequence)
                .limit(limit)
                .toList();
    }

    @Override
    public synchronized long lastLine(String id) {
        List<LogEntry> lines = job(id).lines;
        return lines.isEmpty() ? 0 : lines.get(lines.size() - 1).sequence();
    }

    /** Forgets a job. */
    public synchronized void delete(String id) {
        jobs.remove(id);
    }

    private Job job(String id) {
        return jobs.getOrDefault(id, new Job());
    }
}
