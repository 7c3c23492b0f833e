package dev.ternion.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.ternion.jobs.CheckpointAnswer;
import dev.ternion.jobs.Instruction;
import dev.ternion.jobs.Opaque;
import dev.ternion.jobs.Outcome;
import dev.ternion.jobs.Report;
import dev.ternion.recipe.JobListener.Evaluation;
import dev.ternion.recipe.JobListener.Phase;
import dev.ternion.recipe.JobListener.StepProgress;
import dev.ternion.recipe.checkpoint.Moment;
import dev.ternion.recipe.checkpoint.Origin;
import dev.ternion.telemetry.Told;
import dev.ternion.telemetry.Work;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a worker tells of its steps and checkpoints: each once, with the time that it took and no other. */
@Timeout(60)
class WorkTest {
    private final MutableClock clock = new MutableClock();
    private final Link link = new Link();
    private final Reporter reporter = new Reporter(link, clock, () -> {}, () -> {});
    private final EventWriter events = new EventWriter(reporter, clock);

    /** Keeps the work that was told. */
    private static final class Link implements ServerLink {
        private final List<Work> works = new CopyOnWriteArrayList<>();

        @Override
        public Opaque claim() {
            throw new AssertionError();
        }

        @Override
        public Instruction report(long first, List<Report> reports, Told told, Work work, CheckpointAnswer answer) {
            if (!work.isNothing()) {
                works.add(work);
            }
            return Instruction.GO_ON;
        }

        @Override
        public String finish(Outcome outcome) {
            throw new AssertionError();
        }

        private long samples(String phase) {
            return works.stream()
                    .filter(work -> work.steps().containsKey(phase))
                    .mapToLong(work -> work.steps().get(phase).samples())
                    .sum();
        }

        private double seconds(String phase) {
            return works.stream()
                    .filter(work -> work.steps().containsKey(phase))
                    .mapToDouble(work -> work.steps().get(phase).times().seconds())
                    .sum();
        }

        /** Steps of no more than a bound and more than the one before. */
        private long steps(String phase, double bound) {
            return works.stream()
                    .filter(work -> work.steps().containsKey(phase))
                    .mapToLong(work -> work.steps().get(phase).times().counts().get(Work.STEP_BOUNDS.indexOf(bound)))
                    .sum();
        }

        private long steps(String phase) {
            return works.stream()
                    .filter(work -> work.steps().containsKey(phase))
                    .mapToLong(work -> work.steps().get(phase).times().count())
                    .sum();
        }
    }

    /** One turn of two arms. */
    private void turn(int step, Duration time) {
        clock.advance(time);
        events.step(new StepProgress("ti", 1, step, 2L * step - 1, 100, 8, 0.1, Map.of(), "MAP"));
        events.step(new StepProgress("control", 1, step, 2L * step, 100, 8, 0.1, Map.of(), ""));
    }

    @Test
    void aStepTakesATurnOfAllArmsAndNothingThatCameBetween() throws InterruptedException {
        events.phase(Phase.LOADING, "", 0, "reads");
        clock.advance(Duration.ofSeconds(50));
        events.phase(Phase.INTERVENTION, "ti", 1, "trains");
        events.phase(Phase.FULL_QAT, "control", 1, "trains");
        turn(1, Duration.ofMillis(200));
        turn(2, Duration.ofMillis(200));
        clock.advance(Duration.ofSeconds(30));
        events.evaluation(new Evaluation("ti", 1, 2, Map.of(), Map.of()));
        clock.advance(Duration.ofSeconds(30));
        events.evaluation(new Evaluation("control", 1, 2, Map.of(), Map.of()));
        clock.advance(Duration.ofSeconds(3));
        events.checkpoint(moment(Origin.EVALUATION), true, 3);
        turn(3, Duration.ofMillis(4));
        clock.advance(Duration.ofSeconds(20));
        events.checkpoint(moment(Origin.PERIODIC), false, 20);
        turn(4, Duration.ofMillis(4));
        reporter.close();

        for (String phase : List.of("INTERVENTION", "FULL_QAT")) {
            assertThat(link.samples(phase)).isEqualTo(32);
            assertThat(link.seconds(phase)).isEqualTo(0.408, within(1e-9));
            assertThat(link.steps(phase, 0.25)).isEqualTo(2);
            assertThat(link.steps(phase, 0.005)).isEqualTo(2);
            assertThat(link.steps(phase)).isEqualTo(4);
        }
        assertThat(link.samples("TRAINING")).isZero();
    }

    @Test
    void whatIsDoneIsToldOnceUnderRisingNumbers() throws InterruptedException {
        for (int step = 1; step <= 2000; step++) {
            turn(step, Duration.ofMillis(1));
            if (step % 500 == 0) {
                events.settle();
            }
        }
        reporter.close();
        assertThat(link.samples("FULL_QAT")).isEqualTo(16_000);
        assertThat(link.steps("FULL_QAT")).isEqualTo(2000);
        assertThat(link.works).hasSizeGreaterThanOrEqualTo(4);
        for (int i = 0; i < link.works.size(); i++) {
            assertThat(link.works.get(i).number()).isEqualTo(i + 1);
        }
    }

    private static Moment moment(Origin origin) {
        return new Moment(4, 1, List.of("control", "ti"), origin);
    }

    @Test
    void aCheckpointIsToldAlsoWithoutSteps() throws InterruptedException {
        events.checkpoint(moment(Origin.MANUAL), true, 0.3);
        events.checkpoint(moment(Origin.MANUAL), true, 70);
        events.checkpoint(moment(Origin.PREEMPT), false, 9);
        await().until(() ->
                link.works.stream().mapToInt(work -> work.checkpoints().size()).sum() >= 2);
        reporter.close();
        long made = 0, half = 0, longest = 0, failed = 0;
        double seconds = 0;
        for (Work work : link.works) {
            made += work.checkpoints()
                    .getOrDefault("MANUAL", new Work.Checkpoints(0, 0))
                    .made();
            failed += work.checkpoints()
                    .getOrDefault("PREEMPT", new Work.Checkpoints(0, 0))
                    .failed();
            List<Long> counts = work.checkpointTimes().counts();
            half += counts.get(Work.CHECKPOINT_BOUNDS.indexOf(0.5));
            longest += counts.get(counts.size() - 1);
            seconds += work.checkpointTimes().seconds();
        }
        assertThat(made).isEqualTo(2);
        assertThat(failed).isEqualTo(1);
        assertThat(half).isEqualTo(1);
        assertThat(longest).isEqualTo(1);
        assertThat(seconds).as("of those that were made").isEqualTo(70.3, within(1e-9));
    }

    @Test
    void aClockThatIsSetBackMakesNoTimeNegative() {
        StepClock steps = new StepClock(clock.instant());
        clock.advance(Duration.ofSeconds(-5));
        assertThat(steps.stepped("", 1, clock.instant())).isZero();
        clock.advance(Duration.ofMillis(1500));
        assertThat(steps.stepped("", 1, clock.instant())).isEqualTo(1.5);
    }
}
