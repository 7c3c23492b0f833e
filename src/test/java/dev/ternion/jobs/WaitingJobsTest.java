package dev.ternion.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Whatever jobs do, the waiting ones of each owner are those of the store, also after a restart. */
class WaitingJobsTest {
    private static final List<String> OWNERS = List.of("a", "b", "");

    private final JobStore store = new InMemoryJobStore(30, 100);
    private final FakeWorkers workers = new FakeWorkers();
    private JobQueue queue;
    private JobRuns runs;

    private void start() {
        JobChanges changes = new JobChanges(store, Clock.systemUTC());
        queue = new JobQueue(changes, UUID::randomUUID, 20);
        runs = new JobRuns(changes, workers, () -> 0, id -> {});
    }

    @Test
    void theyAreThoseOfTheStore() {
        Random random = new Random(20261128);
        start();
        int most = 0, done = 0;
        for (int step = 0; step < 3000; step++) {
            try {
                act(random);
                done++;
            } catch (JobException | AttemptOver | IllegalStateException e) {
                // refused: it changes nothing
            }
            if (step % 500 == 499) {
                start();
            }
            for (String owner : OWNERS) {
                long waiting = store.list(Set.of(JobState.QUEUED), Long.MAX_VALUE, 100).stream()
                        .filter(job -> job.origin().owner().equals(owner))
                        .count();
                assertThat(queue.waiting(owner))
                        .as("owner %s, step %s", owner, step)
                        .isEqualTo((int) waiting);
                most = Math.max(most, (int) waiting);
            }
        }
        assertThat(most).isGreaterThan(3);
        assertThat(done).isGreaterThan(500);
    }

    private void act(Random random) {
        String id = "job-" + random.nextInt(12);
        String request = random.nextBoolean() ? "" : "request-" + id;
        String owner = OWNERS.get(random.nextInt(OWNERS.size()));
        switch (random.nextInt(9)) {
            case 0, 1, 2 ->
                queue.submit(new Submission(
                        id, "", Opaque.EMPTY, Placement.on("cpu"), request, "body", new Origin(owner, "")));
            case 3 -> queue.cancel(id, "cancelled");
            case 4 -> queue.pause(id, "paused");
            case 5 -> queue.resume(id);
            case 6 -> queue.delete(id);
            case 7 -> runs.turn();
            default -> {
                int attempt = queue.get(id).runs().newest();
                runs.claim(id, attempt);
                runs.finish(id, attempt, random.nextBoolean() ? new Outcome.Stopped() : failed());
                workers.started.stream()
                        .filter(worker -> worker.jobId.equals(id))
                        .forEach(worker -> worker.alive = false);
            }
        }
    }

    private static Outcome failed() {
        return new Outcome.Failed(new JobError("REASON", "message", Map.of()));
    }
}
