package dev.ternion.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.api.SpecFixtures;
import dev.ternion.api.v1.JobSpec;
import dev.ternion.jobs.InMemoryJobStore;
import dev.ternion.jobs.JobChanges;
import dev.ternion.jobs.JobException;
import dev.ternion.jobs.JobQueue;
import dev.ternion.jobs.Opaque;
import dev.ternion.jobs.Placement;
import dev.ternion.jobs.Submission;
import java.time.Clock;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What follows the changes says the same as what has just read all jobs. */
class ActiveReferencesTest {
    private static final int NAMES = 12;

    private final Random random = new Random(20261128);
    private final JobQueue queue =
            new JobQueue(new JobChanges(new InMemoryJobStore(50, 1000, 20), Clock.systemUTC()), UUID::randomUUID, 1000);

    @Test
    void followsJobsThatComeEndAndAreDeleted() {
        ActiveReferences following = new ActiveReferences(queue);
        int told = 0;
        for (int turn = 0; turn < 300; turn++) {
            // At times more changes than the log keeps.
            for (int changes = random.nextInt(turn % 10 == 0 ? 60 : 4); changes > 0; changes--) {
                change("job-" + random.nextInt(NAMES));
            }
            ActiveReferences fresh = new ActiveReferences(queue);
            for (int model = 0; model < 3; model++) {
                String name = "model-" + model;
                assertThat(following.readerOfModel(name).isPresent())
                        .as("turn %d: %s", turn, name)
                        .isEqualTo(fresh.readerOfModel(name).isPresent());
                following
                        .readerOfModel(name)
                        .ifPresent(job -> assertThat(reads(job, name)).isTrue());
                told += following.readerOfModel(name).isPresent() ? 1 : 0;
            }
        }
        assertThat(told).isBetween(200, 800);
    }

    /** Whether a job is not final and reads a model. */
    private boolean reads(String job, String model) {
        return queue.open().stream()
                .anyMatch(open -> open.id().equals(job) && open.spec().equals(spec(model)));
    }

    private void change(String id) {
        try {
            switch (random.nextInt(5)) {
                case 0 ->
                    queue.submit(
                            new Submission(id, "", spec("model-" + random.nextInt(3)), Placement.on("cpu"), "", ""));
                case 1, 2 -> queue.cancel(id, "test");
                case 3 -> queue.pause(id, "test");
                default -> queue.delete(id);
            }
        } catch (JobException e) {
            // not now
        }
    }

    private static Opaque spec(String model) {
        JobSpec.Builder spec = SpecFixtures.evaluate().toBuilder();
        spec.getEvaluateBuilder().setModel(model);
        return Opaque.of(spec.build().toByteArray());
    }
}
