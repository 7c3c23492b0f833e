package dev.ternion.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.jobs.FakeWorkers;
import dev.ternion.jobs.JobChanges;
import dev.ternion.jobs.JobQueue;
import dev.ternion.jobs.JobRuns;
import dev.ternion.jobs.JobStore;
import dev.ternion.jobs.Opaque;
import dev.ternion.jobs.Outcome;
import dev.ternion.jobs.Placement;
import dev.ternion.jobs.Submission;
import dev.ternion.telemetry.Bounds;
import dev.ternion.telemetry.InMemoryTelemetry;
import dev.ternion.telemetry.LogLine;
import dev.ternion.telemetry.PointList;
import dev.ternion.telemetry.Points;
import dev.ternion.telemetry.SeriesInfo;
import dev.ternion.telemetry.SeriesKey;
import dev.ternion.telemetry.Severity;
import dev.ternion.telemetry.TelemetryStore;
import dev.ternion.telemetry.Told;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

/**
 * Random tellings of two jobs on a store and on the one in memory, with repetitions, steps made again, other attempts and jobs that go;
 * their answers must be the same.
 */
final class TelemetryModel {
    static final Bounds BOUNDS = new Bounds(6, 3000, 9000, 40);
    static final Clock CLOCK = Clock.fixed(Instant.parse("2030-01-01T00:00:00.123Z"), ZoneOffset.UTC);
    private static final List<String> JOBS = List.of("job-a", "job-b");

    private final Random random;
    private final Map<String, Integer> attempts = new HashMap<>();
    private final Set<String> there = new HashSet<>();
    private final Map<String, Long> steps = new HashMap<>();
    private final Map<String, Long> lines = new HashMap<>();
    private final InMemoryTelemetry oracle;

    TelemetryModel(long seed) {
        random = new Random(seed);
        oracle = new InMemoryTelemetry(
                there::contains, (job, attempt) -> attempt.equals(attempts.get(job)), BOUNDS, CLOCK);
    }

    /** Changes both stores; {@code jobs} is the one of the jobs. */
    void change(JobStore jobs, TelemetryStore store, int calls) {
        FakeWorkers workers = new FakeWorkers();
        JobChanges changes = new JobChanges(jobs, CLOCK);
        JobQueue queue = new JobQueue(changes, UUID::randomUUID, 10);
        JobRuns runs = new JobRuns(changes, workers, () -> 0, id -> {});
        for (int i = 0; i < calls; i++) {
            String job = JOBS.get(random.nextInt(JOBS.size()));
            if (random.nextInt(4) == 0) {
                add(job, store);
            }
            if (!attempts.containsKey(job)) {
                if (attempts.isEmpty()) {
                    begin(job, queue, runs);
                }
            } else if (random.nextInt(60) == 0) {
                end(job, queue, runs, workers);
            } else {
                tell(job, store);
            }
        }
        JOBS.stream().filter(attempts::containsKey).forEach(job -> end(job, queue, runs, workers));
    }

    private void begin(String job, JobQueue queue, JobRuns runs) {
        if (queue.list(Set.of(), Long.MAX_VALUE, 10).stream()
                .anyMatch(other -> other.id().equals(job))) {
            queue.delete(job);
            oracle.delete(job);
            steps.keySet().removeIf(key -> key.startsWith(job));
        }
        queue.submit(new Submission(job, "", Opaque.EMPTY, Placement.on("cpu"), "", ""));
        runs.turn();
        attempts.put(job, 1);
        there.add(job);
        lines.remove(job);
        runs.claim(job, 1);
    }

    private void end(String job, JobQueue queue, JobRuns runs, FakeWorkers workers) {
        runs.finish(job, attempts.remove(job), new Outcome.Succeeded(Opaque.EMPTY, Opaque.EMPTY));
        workers.last().alive = false;
        runs.turn();
    }

    /** What somebody else has measured, of a job that may be over or not there. */
    private void add(String job, TelemetryStore store) {
        SeriesKey key = new SeriesKey("", 1, "external.x");
        Map<SeriesKey, Points> points = Map.of(key, points(job, key));
        boolean added = store.add(job, points);
        assertThat(added).isEqualTo(oracle.add(job, points)).isEqualTo(there.contains(job));
        if (added && random.nextInt(5) == 0) {
            store.add(job, points);
            oracle.add(job, points);
        }
    }

    private void tell(String job, TelemetryStore store) {
        int attempt = attempts.get(job) - (random.nextInt(10) == 0 ? 1 : 0);
        Map<SeriesKey, Points> points = new HashMap<>();
        for (int s = random.nextInt(4); s > 0; s--) {
            SeriesKey key = new SeriesKey(
                    random.nextBoolean() ? "ti-g" : "", 1 + random.nextInt(2), "loss." + random.nextInt(3));
            points.put(key, points(job, key));
        }
        long last = lines.getOrDefault(job, 0L);
        long again = random.nextInt(3) == 0 ? Math.min(last, random.nextInt(4)) : 0;
        long first = last + 1 - again + (random.nextInt(20) == 0 ? 1 : 0);
        List<LogLine> said = new ArrayList<>();
        for (long l = again + random.nextInt(3); l > 0; l--) {
            said.add(new LogLine(
                    Instant.ofEpochMilli(1_900_000_000_000L + random.nextInt(1000)),
                    Severity.values()[random.nextInt(3)],
                    "läuft \0 " + random.nextInt()));
        }
        Told told = new Told(points, first, said);
        String seen = answer(store, job, attempt, told);
        assertThat(seen).isEqualTo(answer(oracle, job, attempt, told));
        if (seen.equals("true")) {
            lines.merge(job, first + said.size() - 1, Math::max);
        }
        // The reply was lost, and the worker says the same again.
        if (random.nextInt(5) == 0 && seen.equals("true")) {
            assertThat(store.append(job, attempt, told)).isTrue();
            oracle.append(job, attempt, told);
        }
    }

    /** What follows the last step, with some steps that came before it. */
    private Points points(String job, SeriesKey key) {
        String name = job + key.text();
        long step = Math.max(0, steps.getOrDefault(name, 0L) - (random.nextInt(3) == 0 ? random.nextInt(40) : 0));
        PointList points = new PointList();
        for (int p = random.nextInt(10) == 0 ? random.nextInt(1500) : random.nextInt(30); p > 0; p--) {
            step += 1 + random.nextInt(2);
            points.add(step, random.nextInt(9) == 0 ? Double.NaN : random.nextGaussian(), 1_900_000_000_000L + step);
        }
        steps.merge(name, step, Math::max);
        return points.points();
    }

    private static String answer(TelemetryStore store, String job, int attempt, Told told) {
        try {
            return String.valueOf(store.append(job, attempt, told));
        } catch (IllegalStateException e) {
            return "refused";
        }
    }

    /** Compares everything that can be read. */
    void compare(TelemetryStore store) {
        for (String job : JOBS) {
            List<SeriesInfo> series = oracle.series(job);
            assertThat(store.series(job)).isEqualTo(series);
            for (SeriesInfo info : series) {
                assertThat(store.find(job, info.key())).contains(info);
                PointList all = new PointList();
                for (Points read = store.points(job, info.key(), 0);
                        read.size() > 0;
                        read = store.points(job, info.key(), all.lastStep() + 1)) {
                    all.addAll(read);
                }
                assertThat(all.points()).isEqualTo(oracle.points(job, info.key(), 0));
                long middle = (info.firstStep() + info.lastStep()) / 2;
                Points some = store.points(job, info.key(), middle);
                assertThat(some)
                        .isEqualTo(oracle.points(job, info.key(), middle).slice(0, some.size()));
            }
            assertThat(store.find(job, new SeriesKey("none", 1, "x"))).isEmpty();
            assertThat(store.points(job, new SeriesKey("none", 1, "x"), 0)).isEqualTo(Points.NONE);
            assertThat(store.lastLine(job)).isEqualTo(oracle.lastLine(job));
            assertThat(store.lines(job, 1, 1000)).isEqualTo(oracle.lines(job, 1, 1000));
            assertThat(store.lines(job, oracle.lastLine(job) - 5, 3))
                    .isEqualTo(oracle.lines(job, oracle.lastLine(job) - 5, 3));
        }
    }

    /** Whether bounds were met on the way. */
    boolean metItsBounds() {
        return JOBS.stream()
                .anyMatch(job -> oracle.lines(job, 1, 1000).stream()
                        .anyMatch(entry -> entry.line().text().contains("left out")));
    }
}
