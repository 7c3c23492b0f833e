package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ternion.api.SpecFixtures;
import dev.ternion.api.SpecMapper;
import dev.ternion.observe.RecordedTraces;
import dev.ternion.recipe.CancelToken;
import dev.ternion.recipe.JobCancelled;
import dev.ternion.recipe.JobFailure;
import dev.ternion.recipe.JobListener;
import dev.ternion.recipe.JobListener.Evaluation;
import dev.ternion.recipe.JobListener.Phase;
import dev.ternion.recipe.JobListener.StepProgress;
import dev.ternion.recipe.JobSpec;
import dev.ternion.recipe.checkpoint.Moment;
import dev.ternion.recipe.checkpoint.Origin;
import dev.ternion.worker.JobRunner;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** An attempt, its phases and its checkpoints are spans, however it ends, and say nothing of what the user wrote. */
class TracedRunnerTest {
    private static final JobSpec SPEC =
            SpecMapper.decode(SpecFixtures.evaluate().toByteArray());

    private final RecordedTraces traces = new RecordedTraces();
    private final List<String> heard = new ArrayList<>();

    private RecordedTraces.Recorded span(int index) {
        return traces.spans.get(index);
    }

    /** What a job does. */
    private interface Script {
        void run(JobListener listener) throws JobFailure, JobCancelled;
    }

    private void run(Script script, boolean draining) throws JobFailure, JobCancelled {
        CancelToken cancel = new CancelToken() {
            @Override
            public boolean isCancelled() {
                return true;
            }

            @Override
            public boolean isDraining() {
                return draining;
            }
        };
        new TracedRunner(traces, 3, () -> "of the call", runner(script)).run("job-a", SPEC, new Heard(), cancel);
    }

    private static JobRunner runner(Script script) {
        return (id, spec, listener, cancel) -> {
            script.run(listener);
            return null;
        };
    }

    @Test
    void phasesOfArmsLastBesideEachOtherAndOthersOneAfterTheOther() throws Exception {
        run(
                listener -> {
                    listener.phase(Phase.LOADING, "", 0, "reading secret-model");
                    listener.phase(Phase.FULL_QAT, "secret-control", 1, "training");
                    assertThat(span(1).ends).isEqualTo(1);
                    listener.phase(Phase.INTERVENTION, "secret-ti", 1, "training");
                    assertThat(span(2).ends).isZero();
                    listener.step(step());
                    listener.phase(Phase.FULL_QAT, "secret-ti", 1, "intervention off");
                    assertThat(span(3).ends).isEqualTo(1);
                    assertThat(span(2).ends).isZero();
                    listener.evaluation(new Evaluation("secret-control", 1, 4, Map.of("secret-metric", 1.0), Map.of()));
                    listener.checkpoint(
                            new Moment(4, 1, List.of("secret-control", "secret-ti"), Origin.FINAL), true, 0.5);
                    listener.phase(Phase.SAVING, "secret-control", 1, "storing secret-output");
                    assertThat(span(2).ends + span(4).ends).isEqualTo(2);
                    listener.phase(Phase.SAVING, "secret-ti", 1, "storing");
                    listener.phase(Phase.FULL_QAT, "secret-control", 2, "training");
                },
                false);
        assertThat(traces.spans)
                .extracting(span -> span.name)
                .containsExactly(
                        "attempt",
                        "phase LOADING",
                        "phase FULL_QAT",
                        "phase INTERVENTION",
                        "phase FULL_QAT",
                        "checkpoint",
                        "phase SAVING",
                        "phase SAVING",
                        "phase FULL_QAT");
        assertThat(traces.spans).allSatisfy(span -> {
            assertThat(span.ends).isEqualTo(1);
            assertThat(span.failure).isNull();
            assertThat(span.name + span.attributes + span.events).doesNotContain("secret");
        });
        assertThat(traces.spans.subList(1, 9))
                .allSatisfy(span -> assertThat(span.parent).isEqualTo("span-0"));
        assertThat(span(0).parent).isEqualTo("of the call");
        assertThat(span(0).attributes)
                .isEqualTo(Map.of(
                        "ternion.job",
                        "job-a",
                        "ternion.attempt",
                        3L,
                        "ternion.device",
                        "cpu",
                        "ternion.outcome",
                        "SUCCEEDED",
                        "ternion.steps",
                        1L));
        assertThat(span(2).attributes).isEqualTo(Map.of("ternion.arm", 1L));
        assertThat(span(2).events).containsExactly("evaluation 4");
        assertThat(span(4).attributes).isEqualTo(Map.of("ternion.arm", 2L));
        assertThat(span(5).attributes).isEqualTo(Map.of("ternion.step", 4L));
        assertThat(traces.spans)
                .allSatisfy(span -> assertThat(span.ago.toMillis()).isEqualTo(span == span(5) ? 500 : 0));
        assertThat(heard).hasSize(10).contains("LOADING reading secret-model", "step", "evaluation", "FINAL true 0.5");
    }

    @Test
    void outcomesAreToldAndPassedOn() throws Exception {
        ends(
                listener -> {
                    throw new JobFailure("DATA_READ", "row 3 is secret", Map.of());
                },
                false,
                JobFailure.class,
                "FAILED",
                "DATA_READ");
        ends(
                listener -> {
                    throw new JobCancelled();
                },
                false,
                JobCancelled.class,
                "STOPPED",
                null);
        ends(
                listener -> {
                    throw new JobCancelled();
                },
                true,
                JobCancelled.class,
                "HANDED_OVER",
                null);
        ends(
                listener -> {
                    throw new OutOfMemoryError("secret");
                },
                false,
                OutOfMemoryError.class,
                "FAILED",
                "INTERNAL");
    }

    private void ends(Script end, boolean draining, Class<? extends Throwable> thrown, String outcome, String failure) {
        traces.spans.clear();
        Script script = listener -> {
            listener.phase(Phase.LOADING, "", 0, "");
            end.run(listener);
        };
        assertThatThrownBy(() -> run(script, draining)).isInstanceOf(thrown);
        assertThat(span(0).attributes).containsEntry("ternion.outcome", outcome);
        assertThat(span(0).failure).isEqualTo(failure);
        assertThat(traces.spans).allSatisfy(span -> assertThat(span.ends).isEqualTo(1));
    }

    private static StepProgress step() {
        return new StepProgress("secret-ti", 1, 1, 1, 8, 4, 0.1, Map.of(), "");
    }

    private final class Heard implements JobListener {
        @Override
        public void phase(Phase phase, String arm, long seed, String message) {
            heard.add(phase + " " + message);
        }

        @Override
        public void step(StepProgress progress) {
            heard.add("step");
        }

        @Override
        public void evaluation(Evaluation evaluation) {
            heard.add("evaluation");
        }

        @Override
        public void checkpoint(Moment moment, boolean made, double seconds) {
            heard.add(moment.origin() + " " + made + " " + seconds);
        }
    }
}
