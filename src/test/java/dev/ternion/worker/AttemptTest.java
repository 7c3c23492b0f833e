package dev.ternion.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ternion.api.EventMapper;
import dev.ternion.api.ReportMapper;
import dev.ternion.api.SpecFixtures;
import dev.ternion.api.SpecMapper;
import dev.ternion.api.v1.JobEvent.EventCase;
import dev.ternion.jobs.InMemoryJobStore;
import dev.ternion.jobs.Job;
import dev.ternion.jobs.JobChanges;
import dev.ternion.jobs.JobEvent;
import dev.ternion.jobs.JobEvent.Recorded;
import dev.ternion.jobs.JobQueue;
import dev.ternion.jobs.JobRuns;
import dev.ternion.jobs.JobState;
import dev.ternion.jobs.Opaque;
import dev.ternion.jobs.Placement;
import dev.ternion.jobs.Submission;
import dev.ternion.recipe.JobCancelled;
import dev.ternion.recipe.JobFailure;
import dev.ternion.recipe.JobListener;
import dev.ternion.recipe.JobListener.Phase;
import dev.ternion.recipe.JobListener.StepProgress;
import dev.ternion.recipe.report.JobReport;
import dev.ternion.telemetry.InMemoryTelemetry;
import dev.ternion.telemetry.Points;
import dev.ternion.telemetry.SeriesKey;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AttemptTest {
    private static final UUID BUG = UUID.fromString("00000000-0000-0000-0000-00000000000b");
    private static final JobReport REPORT = new JobReport(
            "EVALUATE",
            "ACCURACY",
            Map.of(),
            List.of(),
            List.of(),
            List.of("m-one"),
            List.of(),
            new JobReport.Execution("none", "FP32", List.of()));

    private final MutableClock clock = new MutableClock();
    private final InMemoryJobStore store = new InMemoryJobStore();
    private final InMemoryTelemetry telemetry = new InMemoryTelemetry(store);
    private final JobChanges changes = new JobChanges(store, clock);
    private final JobQueue queue = new JobQueue(changes, UUID::randomUUID, 10);
    private JobRuns runs;
    private Thread dispatcher;

    @AfterEach
    void stop() throws InterruptedException {
        runs.close();
        dispatcher.join(60_000);
        assertThat(dispatcher.isAlive()).isFalse();
        runs.drain(Duration.ofSeconds(10));
    }

    @Test
    void whatTheJobSaysBecomesEventsInOrder() {
        start((id, spec, listener, cancel) -> {
            assertThat(spec).isEqualTo(SpecMapper.read(SpecFixtures.evaluate(), "job-a"));
            listener.phase(Phase.EVALUATING, "", 0, "reads");
            listener.evaluation(new JobListener.Evaluation("", 0, 0, Map.of("ACCURACY", 0.5), Map.of()));
            return REPORT;
        });
        submit("job-a");
        Job ended = awaitFinal("job-a");
        assertThat(ended.state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(recorded("job-a"))
                .extracting(dev.ternion.api.v1.JobEvent::getEventCase)
                .containsExactly(EventCase.PHASE_CHANGE, EventCase.EVALUATION, EventCase.REPORT_READY);
        assertThat(ReportMapper.read(ReportMapper.message(queue.report("job-a").bytes(), "")))
                .isEqualTo(REPORT);
    }

    @Test
    void progressComesAtMostTenTimesASecondAndTheLastStepAlways() {
        start((id, spec, listener, cancel) -> {
            for (int step = 1; step <= 1000; step++) {
                clock.advance(Duration.ofMillis(10));
                listener.step(step(step, 1000));
            }
            return REPORT;
        });
        submit("job-a");
        awaitFinal("job-a");
        List<dev.ternion.api.v1.JobEvent> progress = recorded("job-a").stream()
                .filter(dev.ternion.api.v1.JobEvent::hasProgress)
                .toList();
        assertThat(progress).hasSizeBetween(95, 105);
        assertThat(progress.get(progress.size() - 1).getProgress().getStepsDone())
                .isEqualTo(1000);
    }

    @Test
    void timeLeftIsStepsLeftTimesSecondsPerStep() {
        start((id, spec, listener, cancel) -> {
            clock.advance(Duration.ofSeconds(100));
            for (int step = 1; step <= 3; step++) {
                listener.step(step(step, 11));
                clock.advance(Duration.ofSeconds(2));
            }
            return REPORT;
        });
        submit("job-a");
        awaitFinal("job-a");
        List<dev.ternion.api.v1.JobEvent> events = recorded("job-a");
        assertThat(events.get(0).getProgress().hasEtaSeconds()).isFalse();
        assertThat(events.get(2).getProgress().getEtaSeconds()).isEqualTo(16);
        assertThat(events.get(2).getProgress().getElapsedSeconds()).isEqualTo(104);
    }

    @Test
    void everyStepAndEvaluationIsAPointOfItsSeries() {
        start((id, spec, listener, cancel) -> {
            for (int step = 1; step <= 1000; step++) {
                listener.step(step(step, 1000));
                clock.advance(Duration.ofMillis(10));
                if (step == 500) {
                    listener.evaluation(new JobListener.Evaluation(
                            "ti-g", 42, 500, Map.of("ACCURACY", 0.5), Map.of("ACCURACY", 0.75)));
                }
            }
            return REPORT;
        });
        submit("job-a");
        awaitFinal("job-a");
        assertThat(telemetry.series("job-a").stream().map(series -> series.key().text() + " " + series.points()))
                .containsExactly(
                        "ti-g/42/eval.ACCURACY 1",
                        "ti-g/42/eval_intervened.ACCURACY 1",
                        "ti-g/42/learning_rate 1000",
                        "ti-g/42/loss.total 1000",
                        "ti-g/42/step_seconds 998");
        Points loss = telemetry.points("job-a", new SeriesKey("ti-g", 42, "loss.total"), 0);
        for (int step = 1; step <= 1000; step++) {
            assertThat(loss.step(step - 1)).isEqualTo(step);
            assertThat(loss.value(step - 1)).isEqualTo(1.0 / step);
        }
        assertThat(loss.millis(999) - loss.millis(0)).isEqualTo(9990);
        // Not of the first step, nor of the one after the evaluation.
        Points seconds = telemetry.points("job-a", new SeriesKey("ti-g", 42, "step_seconds"), 0);
        assertThat(seconds.within(1, 1).size() + seconds.within(501, 501).size())
                .isZero();
        assertThat(seconds.value(0)).isEqualTo(0.01, org.assertj.core.data.Offset.offset(1e-9));
    }

    @Test
    void theLogSaysWhatTheJobDoesAndHowItFails() {
        start((id, spec, listener, cancel) -> {
            listener.phase(Phase.TRAINING, "", 42, "fine-tuning for 9 steps");
            listener.evaluation(new JobListener.Evaluation("", 42, 9, Map.of("ACCURACY", 0.5), Map.of()));
            throw new JobFailure("DATA_READ", "row 3", Map.of());
        });
        submit("job-a");
        awaitFinal("job-a");
        assertThat(telemetry.lines("job-a", 1, 10))
                .extracting(entry -> entry.sequence() + " " + entry.attempt() + " "
                        + entry.line().severity() + " " + entry.line().text())
                .containsExactly(
                        "1 1 INFO TRAINING, seed 42: fine-tuning for 9 steps",
                        "2 1 INFO evaluated after step 9, seed 42: ACCURACY 0.5000",
                        "3 1 ERROR DATA_READ: row 3");
    }

    @Test
    void beforeACheckpointAllThatWasSaidIsWithTheServer() {
        start((id, spec, listener, cancel) -> {
            for (int step = 1; step <= 100; step++) {
                listener.step(step(step, 1000));
                listener.settle();
                assertThat(telemetry
                                .find(id, new SeriesKey("ti-g", 42, "loss.total"))
                                .orElseThrow()
                                .points())
                        .isEqualTo(step);
            }
            return REPORT;
        });
        submit("job-a");
        Job ended = awaitFinal("job-a");
        assertThat(ended.state()).as(ended.reason()).isEqualTo(JobState.SUCCEEDED);
    }

    @Test
    void aFailureKeepsItsReasonAndFacts() {
        start((id, spec, listener, cancel) -> {
            throw new JobFailure("LOSS_NOT_FINITE", "loss scores is NaN at step 3", Map.of("step", "3"));
        });
        submit("job-a");
        Job ended = awaitFinal("job-a");
        assertThat(ended.state()).isEqualTo(JobState.FAILED);
        assertThat(ended.error().reason()).isEqualTo("LOSS_NOT_FINITE");
        assertThat(ended.error().details()).isEqualTo(Map.of("step", "3"));
        assertThat(recorded("job-a").get(0).getLogLine().getText()).isEqualTo("loss scores is NaN at step 3");
    }

    @Test
    void aBugFailsTheJobAndNotTheWorker() {
        start((id, spec, listener, cancel) -> {
            throw new IllegalStateException("secret");
        });
        submit("job-a");
        Job bug = awaitFinal("job-a");
        assertThat(bug.error().reason()).isEqualTo("INTERNAL");
        assertThat(bug.error().details()).isEqualTo(Map.of("id", BUG.toString()));
        assertThat(bug.error().message()).contains(BUG.toString()).doesNotContain("secret");
        submit("job-b");
        assertThat(awaitFinal("job-b").error().reason()).isEqualTo("INTERNAL");
    }

    @Test
    void exhaustedMemoryIsSaidSo() {
        start((id, spec, listener, cancel) -> {
            throw new OutOfMemoryError("heap");
        });
        submit("job-a");
        assertThat(awaitFinal("job-a").error().reason()).isEqualTo("OUT_OF_MEMORY");
        submit("job-b");
        awaitFinal("job-b");
    }

    @Test
    void aCancelledJobStopsAndTheNextRuns() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        start((id, spec, listener, cancel) -> {
            started.countDown();
            await().pollInterval(Duration.ofMillis(1)).until(cancel::isCancelled);
            throw new JobCancelled();
        });
        submit("job-a");
        submit("job-b");
        started.await();
        queue.cancel("job-a", "cancelled on request");
        assertThat(awaitFinal("job-a").state()).isEqualTo(JobState.CANCELLED);
        await().until(() -> queue.get("job-b").state() == JobState.RUNNING);
    }

    @Test
    void aJobIsHandedOverToAServerThatStops() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        start((id, spec, listener, cancel) -> {
            started.countDown();
            await().pollInterval(Duration.ofMillis(1)).until(cancel::isCancelled);
            assertThat(cancel.isDraining()).isTrue();
            throw new JobCancelled();
        });
        submit("job-a");
        started.await();
        runs.drain(Duration.ofSeconds(10));
        Job waiting = queue.get("job-a");
        assertThat(waiting.state()).isEqualTo(JobState.QUEUED);
        assertThat(waiting.runs().counted()).isZero();
        assertThat(queue.events("job-a", 4, 10))
                .extracting(JobEvent::body)
                .containsExactly(new JobEvent.StateChanged(
                        JobState.RUNNING,
                        JobState.QUEUED,
                        "waiting: the server stopped while the job ran, it goes on",
                        null));
    }

    private void start(JobRunner runner) {
        ThreadWorkers workers = new ThreadWorkers(runner, clock, () -> BUG);
        runs = new JobRuns(changes, workers, System::nanoTime, id -> {});
        workers.serve(runs, telemetry);
        dispatcher = new Thread(runs, "dispatcher");
        dispatcher.start();
    }

    private void submit(String id) {
        byte[] spec = SpecMapper.encode(SpecMapper.read(SpecFixtures.evaluate(), id));
        queue.submit(new Submission(id, "", Opaque.of(spec), Placement.on("cpu"), "", ""));
    }

    private Job awaitFinal(String id) {
        await().pollInterval(Duration.ofMillis(2))
                .until(() -> queue.get(id).state().isFinal());
        return queue.get(id);
    }

    private List<dev.ternion.api.v1.JobEvent> recorded(String id) {
        return queue.events(id, 1, 10_000).stream()
                .map(JobEvent::body)
                .filter(Recorded.class::isInstance)
                .map(body -> EventMapper.message(((Recorded) body).payload().bytes()))
                .toList();
    }

    private static StepProgress step(int step, int total) {
        return new StepProgress("ti-g", 42, step, step, total, 8, 1e-4, Map.of("total", 1.0 / step), "MAP");
    }
}
