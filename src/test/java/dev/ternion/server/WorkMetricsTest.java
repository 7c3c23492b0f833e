package dev.ternion.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.jobs.CheckpointAnswer;
import dev.ternion.jobs.FakeWorkers;
import dev.ternion.jobs.InMemoryJobStore;
import dev.ternion.jobs.Job;
import dev.ternion.jobs.JobChanges;
import dev.ternion.jobs.JobQueue;
import dev.ternion.jobs.JobRuns;
import dev.ternion.jobs.Opaque;
import dev.ternion.jobs.Outcome;
import dev.ternion.jobs.Placement;
import dev.ternion.jobs.Submission;
import dev.ternion.observe.JvmMetrics;
import dev.ternion.observe.Metrics;
import dev.ternion.observe.PrometheusText;
import dev.ternion.telemetry.InMemoryTelemetry;
import dev.ternion.telemetry.Timings;
import dev.ternion.telemetry.Told;
import dev.ternion.telemetry.Work;
import dev.ternion.worker.MutableClock;
import dev.ternion.worker.grpc.GrpcLink;
import io.grpc.Metadata;
import io.grpc.Status;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Work of all jobs is added up, each once, and no job makes a series. */
class WorkMetricsTest {
    private final InMemoryJobStore store = new InMemoryJobStore(20_000, 100);
    private final FakeWorkers workers = new FakeWorkers();
    private final JobChanges changes = new JobChanges(store, new MutableClock());
    private final JobQueue queue = new JobQueue(changes, UUID::randomUUID, 20_000);
    private final JobRuns runs = new JobRuns(changes, workers, () -> 0, id -> {});
    private final Metrics metrics = new Metrics();
    private final WorkMetrics work = new WorkMetrics(metrics);

    private PrometheusText read() {
        return PrometheusText.read(metrics.text());
    }

    private static List<Long> counts(List<Double> bounds, double bound, long count) {
        List<Long> counts = new ArrayList<>(Collections.nCopies(bounds.size() + 1, 0L));
        counts.set(bounds.indexOf(bound), count);
        return counts;
    }

    private static Work steps(long number, String phase, long steps) {
        return new Work(
                number,
                Map.of(
                        phase,
                        new Work.Steps(8 * steps, new Timings(counts(Work.STEP_BOUNDS, 0.25, steps), 0.2 * steps))),
                new Timings(Collections.nCopies(Work.CHECKPOINT_BOUNDS.size() + 1, 0L), 0),
                Map.of());
    }

    /** A job whose attempt has been claimed. */
    private Job begin(String id) {
        queue.submit(new Submission(id, "", Opaque.EMPTY, Placement.on("cpu"), "", ""));
        runs.turn();
        return runs.claim(id, workers.last().attempt);
    }

    /** Ends the job of the last worker. */
    private void end(String id) {
        runs.finish(id, workers.last().attempt, new Outcome.Succeeded(Opaque.EMPTY, Opaque.EMPTY));
        workers.last().alive = false;
        runs.turn();
    }

    @Test
    void allSeriesAreThereFromTheBeginning() {
        PrometheusText text = read();
        for (String phase : List.of("TRAINING", "INTERVENTION", "FULL_QAT")) {
            assertThat(text.value("ternion_step_seconds_count{phase=\"" + phase + "\"}"))
                    .isZero();
            assertThat(text.value("ternion_samples_total{phase=\"" + phase + "\"}"))
                    .isZero();
        }
        assertThat(text.value("ternion_checkpoint_seconds_count")).isZero();
        assertThat(text.value("ternion_checkpoints_total{origin=\"PREEMPT\",result=\"failed\"}"))
                .isZero();
        assertThat(text.samples().keySet()).noneMatch(series -> series.startsWith("ternion_intervention_ratio"));
        assertThat(text.types()).containsEntry("ternion_intervention_ratio", "gauge");
    }

    @Test
    void workIsAddedUp() {
        work.claimed(begin("job-a"));
        work.done("job-a", 1, steps(1, "INTERVENTION", 2));
        work.done("job-a", 1, steps(2, "FULL_QAT", 5));
        work.done("job-a", 1, steps(3, "FULL_QAT", 1));
        work.done("job-a", 1, steps(4, "TRAINING", 100));
        work.done(
                "job-a",
                1,
                new Work(
                        5,
                        Map.of(),
                        new Timings(counts(Work.CHECKPOINT_BOUNDS, 0.5, 3), 1.25),
                        Map.of("PERIODIC", new Work.Checkpoints(2, 4), "MANUAL", new Work.Checkpoints(1, 0))));
        PrometheusText text = read();
        assertThat(text.value("ternion_step_seconds_count{phase=\"FULL_QAT\"}")).isEqualTo(6);
        assertThat(text.value("ternion_step_seconds_bucket{le=\"0.1\",phase=\"FULL_QAT\"}"))
                .isZero();
        assertThat(text.value("ternion_step_seconds_bucket{le=\"0.25\",phase=\"FULL_QAT\"}"))
                .isEqualTo(6);
        assertThat(text.value("ternion_step_seconds_sum{phase=\"INTERVENTION\"}"))
                .isEqualTo(0.4);
        assertThat(text.value("ternion_samples_total{phase=\"FULL_QAT\"}")).isEqualTo(48);
        assertThat(text.value("ternion_samples_total{phase=\"INTERVENTION\"}")).isEqualTo(16);
        assertThat(text.value("ternion_intervention_ratio{phase=\"INTERVENTION\"}"))
                .as("of the students, not of the fine-tuning")
                .isEqualTo(0.25);
        assertThat(text.value("ternion_intervention_ratio{phase=\"FULL_QAT\"}")).isEqualTo(0.75);
        assertThat(text.value("ternion_checkpoint_seconds_count")).isEqualTo(3);
        assertThat(text.value("ternion_checkpoint_seconds_sum")).isEqualTo(1.25);
        assertThat(text.value("ternion_checkpoints_total{origin=\"PERIODIC\",result=\"made\"}"))
                .isEqualTo(2);
        assertThat(text.value("ternion_checkpoints_total{origin=\"PERIODIC\",result=\"failed\"}"))
                .isEqualTo(4);
        assertThat(text.value("ternion_checkpoints_total{origin=\"MANUAL\",result=\"made\"}"))
                .isEqualTo(1);
    }

    @Test
    void whatIsToldAgainIsCountedOnce_inEachAttemptAndJob() {
        Job first = begin("job-a");
        work.claimed(first);
        work.done("job-a", 1, steps(1, "TRAINING", 1));
        work.done("job-a", 1, steps(1, "TRAINING", 1));
        work.claimed(first);
        work.done("job-a", 1, steps(1, "TRAINING", 1));
        work.done("job-a", 1, steps(2, "TRAINING", 10));
        work.done("job-a", 1, steps(1, "TRAINING", 1));
        assertThat(steps()).isEqualTo(11);

        workers.last().alive = false;
        runs.turn();
        Job again = runs.claim("job-a", 2);
        work.claimed(again);
        work.done("job-a", 2, steps(1, "TRAINING", 100));
        work.done("job-a", 2, steps(1, "TRAINING", 100));
        work.done("job-a", 1, steps(3, "TRAINING", 5));
        assertThat(steps())
                .as("steps of the second attempt, none late of the first")
                .isEqualTo(111);

        end("job-a");
        queue.delete("job-a");
        Job other = begin("job-a");
        assertThat(other.runs().newest()).isEqualTo(1);
        work.claimed(other);
        work.done("job-a", 1, steps(1, "TRAINING", 1000));
        work.done("job-a", 1, steps(1, "TRAINING", 1000));
        assertThat(steps()).as("another job of the same id").isEqualTo(1111);
    }

    @Test
    void anotherJobOfTheSameIdIsCountedFromItsBeginning() {
        for (int i = 1; i <= 2; i++) {
            work.claimed(begin("job-a"));
            work.done("job-a", 1, steps(1, "TRAINING", 10));
            assertThat(steps()).isEqualTo(10 * i);
            end("job-a");
            queue.delete("job-a");
        }
    }

    /** The worker has outlived the server that it claimed its job at. */
    @Test
    void anotherServerCountsFromWhatItHearsFirst() {
        work.done("job-a", 3, steps(7, "TRAINING", 2));
        work.done("job-a", 3, steps(7, "TRAINING", 2));
        work.done("job-a", 3, steps(8, "TRAINING", 1));
        assertThat(steps()).isEqualTo(3);
    }

    private double steps() {
        return read().value("ternion_step_seconds_count{phase=\"TRAINING\"}");
    }

    @Test
    void aReportThatIsSentTwiceIsCountedOnce_overTheWire(@TempDir Path folder) throws Exception {
        begin("job-a");
        Work told = new Work(
                1,
                steps(1, "FULL_QAT", 3).steps(),
                new Timings(counts(Work.CHECKPOINT_BOUNDS, 0.5, 1), 0.375),
                Map.of("FINAL", new Work.Checkpoints(1, 2)));
        try (WorkerServer server = new WorkerServer(
                        runs,
                        new InMemoryTelemetry(store),
                        work,
                        folder.resolve(GrpcLink.ADDRESS_FILE),
                        GrpcLink.SECRET);
                GrpcLink link = new GrpcLink(folder, "job-a", 1)) {
            link.claim();
            link.report(1, List.of(), Told.NOTHING, told, CheckpointAnswer.NONE);
            link.report(1, List.of(), Told.NOTHING, told, CheckpointAnswer.NONE);
            link.report(1, List.of(), Told.NOTHING, Work.NOTHING, CheckpointAnswer.NONE);
        }
        PrometheusText text = read();
        assertThat(text.value("ternion_step_seconds_count{phase=\"FULL_QAT\"}")).isEqualTo(3);
        assertThat(text.value("ternion_samples_total{phase=\"FULL_QAT\"}")).isEqualTo(24);
        assertThat(text.value("ternion_checkpoint_seconds_count")).isEqualTo(1);
        assertThat(text.value("ternion_checkpoint_seconds_sum")).isEqualTo(0.375);
        assertThat(text.value("ternion_checkpoints_total{origin=\"FINAL\",result=\"made\"}"))
                .isEqualTo(1);
        assertThat(text.value("ternion_checkpoints_total{origin=\"FINAL\",result=\"failed\"}"))
                .isEqualTo(2);
    }

    /** The rest of a server's page, of jobs, queue and devices, has some 140 series at most. */
    @Test
    void tenThousandJobsMakeNoSeries() {
        CallMetrics calls = new CallMetrics(metrics, () -> 0);
        JvmMetrics.addTo(metrics);
        Status.Code[] codes = Status.Code.values();
        for (int i = 0; i < 1000; i++) {
            calls.newServerStreamTracer("made.up/Method", new Metadata())
                    .streamClosed(Status.fromCode(codes[i % codes.length]));
        }
        int before = read().samples().size();
        for (int i = 0; i < 10_000; i++) {
            work.done("job-" + i, 1, steps(1, i % 2 == 0 ? "TRAINING" : "FULL_QAT", 1));
        }
        assertThat(steps()).isEqualTo(5000);
        PrometheusText after = read();
        assertThat(after.samples()).hasSize(before + 2);
        int mostOfCalls = (Metrics.MAX_SERIES + 1) * 16;
        assertThat(after.samples().size() + mostOfCalls + 140).isLessThanOrEqualTo(2000);
    }
}
