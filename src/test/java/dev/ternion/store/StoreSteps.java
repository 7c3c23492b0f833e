package dev.ternion.store;

import dev.ternion.jobs.FakeWorkers;
import dev.ternion.jobs.Job;
import dev.ternion.jobs.JobChanges;
import dev.ternion.jobs.JobError;
import dev.ternion.jobs.JobEvent;
import dev.ternion.jobs.JobQueue;
import dev.ternion.jobs.JobRuns;
import dev.ternion.jobs.Opaque;
import dev.ternion.jobs.Outcome;
import dev.ternion.jobs.Placement;
import dev.ternion.jobs.Report;
import dev.ternion.jobs.Submission;
import dev.ternion.telemetry.LogLine;
import dev.ternion.telemetry.PointList;
import dev.ternion.telemetry.SeriesKey;
import dev.ternion.telemetry.Severity;
import dev.ternion.telemetry.TelemetryStore;
import dev.ternion.telemetry.Told;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** A few changes of jobs, each told when it is acknowledged: what a process does whose disk dies on the way. */
final class StoreSteps {
    /** The steps; each can be run on any store that the ones before have been run on. */
    static final List<Consumer<Jobs>> STEPS = List.of(
            jobs -> jobs.queue.submit(new Submission(
                    "job-a",
                    "first",
                    Opaque.of(new byte[5000]),
                    Placement.on("cpu"),
                    "11111111-2222-3333-4444-555555555555",
                    "body")),
            jobs -> jobs.queue.submit(new Submission("job-b", "second", Opaque.EMPTY, Placement.on("cpu"), "", "body")),
            jobs -> jobs.runs.turn(),
            jobs -> jobs.runs.claim("job-a", 1),
            jobs -> jobs.runs.report("job-a", 1, 1, List.of(report(1), report(2), report(3))),
            jobs -> jobs.telemetry.append("job-a", 1, told(1)),
            jobs -> jobs.telemetry.append("job-a", 1, told(601)),
            jobs -> jobs.end("job-a", new Outcome.Succeeded(Opaque.of(new byte[9000]), Opaque.EMPTY)),
            jobs -> jobs.runs.turn(),
            jobs -> jobs.runs.claim("job-b", 1),
            jobs -> jobs.queue.cancel("job-b", "enough"),
            jobs -> jobs.end("job-b", new Outcome.Failed(new JobError("DATA_READ", "row 3", Map.of("row", "3")))),
            jobs -> jobs.queue.delete("job-a"));

    private StoreSteps() {}

    /** Queue and attempts on one store. */
    record Jobs(JobQueue queue, JobRuns runs, TelemetryStore telemetry, FakeWorkers workers) {
        private void end(String id, Outcome outcome) {
            runs.finish(id, 1, outcome);
            workers.last().alive = false;
        }
    }

    private static Report report(int number) {
        return new Report(
                Instant.ofEpochSecond(number),
                new JobEvent.Recorded(JobEvent.Kind.PROGRESS, Opaque.of(new byte[] {(byte) number})));
    }

    /** So many points that they fill a block, and a line of the log. */
    private static Told told(int first) {
        PointList points = new PointList();
        for (int step = first; step < first + 600; step++) {
            points.add(step, 1.0 / step, step);
        }
        LogLine line = new LogLine(Instant.EPOCH, Severity.INFO, "from " + first);
        return new Told(Map.of(new SeriesKey("", 1, "loss"), points.points()), 1 + first / 600, List.of(line));
    }

    static Jobs jobs(JobDatabase database) {
        AtomicLong uids = new AtomicLong();
        Clock clock = Clock.fixed(Instant.parse("2030-01-01T00:00:00Z"), ZoneOffset.UTC);
        JobChanges changes = new JobChanges(database.store(), clock);
        JobQueue queue = new JobQueue(changes, () -> new UUID(7, uids.incrementAndGet()), 10);
        FakeWorkers workers = new FakeWorkers();
        return new Jobs(queue, new JobRuns(changes, workers, () -> 0, id -> {}), database.telemetry(), workers);
    }

    /** Everything in a database, as text. */
    static List<String> contents(JobDatabase jobs) {
        List<String> all = new ArrayList<>();
        for (Job job : jobs.store().list(Set.of(), Long.MAX_VALUE, 100)) {
            all.add(job + " " + jobs.store().events(job.id(), 1, 1000));
            jobs.telemetry()
                    .series(job.id())
                    .forEach(series -> all.add(series + " " + jobs.telemetry().points(job.id(), series.key(), 0)));
            all.add(jobs.telemetry().lines(job.id(), 1, 1000).toString());
        }
        all.add("changes " + jobs.store().changes(0, 1000));
        all.add("request " + jobs.store().findByRequest("11111111-2222-3333-4444-555555555555"));
        return all;
    }

    /** @param args the folder, and the file by which its disk is told of; tells after which call each step was acknowledged */
    public static void main(String[] args) throws Exception {
        DiskControl disk = new DiskControl(Path.of(args[1]));
        try (JobDatabase jobs =
                JobDatabase.inFolder(Path.of(args[0]), e -> Runtime.getRuntime().halt(74))) {
            Jobs all = jobs(jobs);
            for (Consumer<Jobs> step : STEPS) {
                step.accept(all);
                System.out.println(disk.calls());
            }
        }
        System.out.println("closed");
    }
}
