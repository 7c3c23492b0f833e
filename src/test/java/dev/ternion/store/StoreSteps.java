package dev.ternion.store;

import dev.ternion.jobs.Job;
import dev.ternion.jobs.JobError;
import dev.ternion.jobs.JobEvent;
import dev.ternion.jobs.JobQueue;
import dev.ternion.jobs.Opaque;
import dev.ternion.jobs.Submission;
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
    static final List<Consumer<JobQueue>> STEPS = List.of(
            queue -> queue.submit(new Submission(
                    "job-a", "first", Opaque.of(new byte[5000]), "11111111-2222-3333-4444-555555555555", "body")),
            queue -> queue.submit(new Submission("job-b", "second", Opaque.EMPTY, "", "body")),
            queue -> claim(queue),
            queue -> queue.record("job-a", JobEvent.Kind.PROGRESS, Opaque.of(new byte[] {1, 2, 3})),
            queue -> queue.putReport("job-a", Opaque.of(new byte[9000]), Opaque.EMPTY),
            queue -> queue.succeed("job-a"),
            queue -> claim(queue),
            queue -> queue.cancel("job-b", "enough"),
            queue -> queue.fail("job-b", new JobError("DATA_READ", "row 3", Map.of("row", "3"))),
            queue -> queue.delete("job-a"));

    private StoreSteps() {}

    private static void claim(JobQueue queue) {
        try {
            queue.claim();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    static JobQueue queue(JobDatabase jobs) {
        AtomicLong uids = new AtomicLong();
        Clock clock = Clock.fixed(Instant.parse("2030-01-01T00:00:00Z"), ZoneOffset.UTC);
        return new JobQueue(jobs.store(), clock, () -> new UUID(7, uids.incrementAndGet()), 10);
    }

    /** Everything in a database, as text. */
    static List<String> contents(JobDatabase jobs) {
        List<String> all = new ArrayList<>();
        for (Job job : jobs.store().list(Set.of(), Long.MAX_VALUE, 100)) {
            all.add(job + " " + jobs.store().events(job.id(), 1, 1000));
        }
        all.add("request " + jobs.store().findByRequest("11111111-2222-3333-4444-555555555555"));
        return all;
    }

    /** @param args the folder */
    public static void main(String[] args) throws Exception {
        try (JobDatabase jobs =
                JobDatabase.inFolder(Path.of(args[0]), e -> Runtime.getRuntime().halt(74))) {
            JobQueue queue = queue(jobs);
            for (Consumer<JobQueue> step : STEPS) {
                step.accept(queue);
                System.out.println("done");
            }
        }
        System.out.println("closed");
    }
}
