package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.api.SpecFixtures;
import dev.ternion.api.v1.JobSpec;
import dev.ternion.jobs.FakeWorkers;
import dev.ternion.jobs.InMemoryJobStore;
import dev.ternion.jobs.JobChanges;
import dev.ternion.jobs.JobQueue;
import dev.ternion.jobs.JobRuns;
import dev.ternion.jobs.Opaque;
import dev.ternion.jobs.Placement;
import dev.ternion.jobs.Submission;
import dev.ternion.observe.Metrics;
import dev.ternion.observe.PrometheusText;
import dev.ternion.worker.MutableClock;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What a device's job would lose is told, of jobs that can lose something. */
class CheckpointAgeTest {
    private static final String AGE = "ternion_checkpoint_age_seconds";
    private static final String CPU = AGE + "{device=\"cpu\"}";

    private final MutableClock clock = new MutableClock();
    private final InMemoryJobStore store = new InMemoryJobStore();
    private final FakeWorkers workers = new FakeWorkers();
    private final JobChanges changes = new JobChanges(store, clock);
    private final JobQueue queue = new JobQueue(changes, UUID::randomUUID, 10);
    private final JobRuns runs = new JobRuns(changes, workers, () -> 0, id -> {});
    private final Map<String, Instant> newest = new HashMap<>();
    private final Metrics metrics = new Metrics();
    private boolean broken;

    CheckpointAgeTest() {
        new CheckpointAge(store, this::newest, clock).addTo(metrics);
    }

    private Optional<Instant> newest(String job) throws IOException {
        if (broken) {
            throw new IOException("broken disk");
        }
        return Optional.ofNullable(newest.get(job));
    }

    private Map<String, Double> ages() {
        Map<String, Double> ages =
                new HashMap<>(PrometheusText.read(metrics.text()).samples());
        ages.keySet().removeIf(series -> !series.startsWith(AGE));
        return ages;
    }

    private void begin(String id, JobSpec spec, String device) {
        queue.submit(new Submission(id, "", Opaque.of(spec.toByteArray()), Placement.on(device), "", ""));
        runs.turn();
        runs.claim(id, workers.last().attempt);
    }

    @Test
    void countsFromTheNewestCheckpointOrTheBeginning() {
        assertThat(ages()).isEmpty();
        newest.put("job-a", clock.instant().minus(Duration.ofHours(3)));
        begin("job-a", SpecFixtures.fineTune(), "cpu");
        clock.advance(Duration.ofSeconds(40));
        assertThat(ages()).as("it went on at an old one").isEqualTo(Map.of(CPU, 40.0));
        newest.put("job-a", clock.instant());
        clock.advance(Duration.ofMillis(2500));
        assertThat(ages()).isEqualTo(Map.of(CPU, 2.5));
        begin("job-b", SpecFixtures.qat(), "cuda:1");
        clock.advance(Duration.ofSeconds(1));
        assertThat(ages()).isEqualTo(Map.of(CPU, 3.5, AGE + "{device=\"cuda:1\"}", 1.0));
        queue.cancel("job-a", "");
        assertThat(ages()).as("a cancelled job goes on nowhere").containsOnlyKeys(AGE + "{device=\"cuda:1\"}");
    }

    @Test
    void aClockThatIsSetBackMakesNoneNegative() {
        begin("job-a", SpecFixtures.fineTune(), "cpu");
        clock.advance(Duration.ofSeconds(-9));
        assertThat(ages()).isEqualTo(Map.of(CPU, 0.0));
    }

    @Test
    void anEvaluationMakesNoCheckpoints() {
        begin("job-a", SpecFixtures.evaluate(), "cpu");
        assertThat(ages()).isEmpty();
    }

    @Test
    void whatCannotBeReadIsLeftOutAndTheRestIsTold() {
        begin("job-a", SpecFixtures.fineTune(), "cpu");
        broken = true;
        metrics.gauge("other", "Other.", () -> 1);
        assertThat(ages()).isEmpty();
        assertThat(PrometheusText.read(metrics.text()).value("other")).isEqualTo(1);
    }
}
