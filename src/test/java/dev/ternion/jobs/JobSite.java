package dev.ternion.jobs;

import dev.ternion.worker.MutableClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Queue and attempts on a store in memory, with a clock and processes that the test moves. */
final class JobSite {
    final InMemoryJobStore store = new InMemoryJobStore(20_000, 100);
    final FakeWorkers workers = new FakeWorkers();
    final MutableClock clock = new MutableClock();
    final List<String> cleaned = new ArrayList<>();
    JobQueue queue;
    JobRuns runs;
    /** Bytes that every device has left. */
    long free = Long.MAX_VALUE;

    /** By owner; as much as there is for others. */
    final Map<String, Allowance> allowances = new HashMap<>();

    private long nanos;

    JobSite() {
        restart();
    }

    /** Another server on the same store; processes that are alive are still there. */
    void restart() {
        JobChanges changes = new JobChanges(store, clock);
        changes.measure(device -> free);
        changes.allow(owner -> allowances.getOrDefault(owner, Allowance.ALL));
        queue = new JobQueue(changes, UUID::randomUUID, 20_000);
        runs = new JobRuns(changes, workers, () -> nanos, cleaned::add);
    }

    void submit(String id) {
        submit(id, Placement.on("cpu"));
    }

    void submit(String id, Placement placement) {
        submit(id, placement, "");
    }

    void submit(String id, Placement placement, String owner) {
        queue.submit(new Submission(id, "", Opaque.EMPTY, placement, "", "", new Origin(owner, "")));
    }

    /** Starts what can start; the newest worker claims its job. */
    FakeWorkers.Fake begin() {
        runs.turn();
        FakeWorkers.Fake worker = workers.last();
        runs.claim(worker.jobId, worker.attempt);
        return worker;
    }

    void finish(FakeWorkers.Fake worker, Outcome outcome) {
        runs.finish(worker.jobId, worker.attempt, outcome);
        worker.alive = false;
    }

    /** Time passes. */
    void pass(Duration time) {
        nanos += time.toNanos();
        clock.advance(time);
    }
}
