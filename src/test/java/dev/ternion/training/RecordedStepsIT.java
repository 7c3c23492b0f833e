package dev.ternion.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ternion.backend.Backends;
import dev.ternion.data.Padding;
import dev.ternion.intervention.Schedule;
import dev.ternion.model.Keep;
import dev.ternion.model.Pass;
import dev.ternion.quant.QuantSpec;
import dev.ternion.quant.QuantSpec.WeightRule;
import dev.ternion.tensor.Tape;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Steps of a student that are recorded and replayed, on the emulation of CUDA, against the same steps run directly. */
class RecordedStepsIT {
    private static final int STEPS = 10;
    /** Of a gradual intervention: one step at OUTPUT, one at CONTEXT, four at MAP; the rest is plain. */
    private static final int INTERVENTION = 6;

    private static final OptimizerSpec OPTIMIZER = OptimizerSpec.bertAdam(1e-3);

    /** Ternary and binary students, and one whose products are those of bits. */
    private enum Student {
        TERNARY,
        BINARY,
        BITS;

        QuantSpec quant() {
            QuantSpec q = QuantSpec.ternary().withWeights(this == TERNARY ? WeightRule.TERNARY : WeightRule.BINARY);
            return new QuantSpec(
                    q.weights(),
                    q.weightGranularity(),
                    q.weightGroup(),
                    q.weightClip(),
                    this == BITS ? 1 : 8,
                    q.activationGranularity(),
                    q.activationClip(),
                    q.embeddings(),
                    q.pooler(),
                    q.attention());
        }
    }

    /** @param deployed logits of the student afterwards, from the codes that the steps left */
    private record Outcome(List<Map<String, Double>> losses, StateCopy state, double[] deployed, int recorded) {}

    private static double[] deployed(TinyTask task) {
        try (StepInputs inputs = new StepInputs(task.device, task.teacher.config(), task.batch(0));
                Tape tape = Tape.off(task.device)) {
            Pass pass = Pass.plain(tape, inputs.tokens().layout(), Keep.NOTHING);
            return task.device.readDoubles(
                    task.student.forward(pass, inputs.tokens(), null).logits().value());
        }
    }

    private static TinyTask task(Student kind) {
        return task(kind, Padding.REFERENCE);
    }

    private static TinyTask task(Student kind, Padding padding) {
        TinyTask task = new TinyTask(Backends.open("emulated", 1), kind.quant(), 3);
        task.padding = padding;
        return task;
    }

    private static final Map<Student, Outcome> DIRECT = new EnumMap<>(Student.class);

    /** What several tests compare with. */
    private static Outcome direct(Student kind) {
        return DIRECT.computeIfAbsent(kind, RecordedStepsIT::runDirectly);
    }

    private static Outcome runDirectly(Student kind) {
        try (TinyTask task = task(kind);
                StudentTraining training = task.training(Schedule.gradual(INTERVENTION), OPTIMIZER, STEPS, 0.1, 1)) {
            List<Map<String, Double>> losses = new ArrayList<>();
            for (int step = 0; step < STEPS; step++) {
                losses.add(task.step(training, step).losses());
            }
            return new Outcome(losses, StateCopy.of(training.state()), deployed(task), 0);
        }
    }

    private static Outcome recorded(Student kind) {
        try (TinyTask task = task(kind);
                StudentTraining training = task.training(Schedule.gradual(INTERVENTION), OPTIMIZER, STEPS, 0.1, 1);
                RecordedSteps steps = new RecordedSteps(task.device);
                BatchBuffers buffers = new BatchBuffers(task.device, task.teacher.config())) {
            List<PendingStep> started = new ArrayList<>();
            int recorded = 0;
            for (int step = 0; step < STEPS; step++) {
                StepInputs inputs = buffers.load(task.batch(step));
                List<Object> key = List.of(inputs, training.begin());
                started.add(training.started(steps.run(key, host -> task.compute(training, inputs, host))));
                recorded += steps.recorded() ? 1 : 0;
            }
            return new Outcome(
                    started.stream().map(PendingStep::losses).toList(),
                    StateCopy.of(training.state()),
                    deployed(task),
                    recorded);
        }
    }

    @ParameterizedTest
    @EnumSource(Student.class)
    void lossesWeightsAndMomentsAreThoseOfStepsRunDirectly(Student kind) {
        Outcome wanted = direct(kind), seen = recorded(kind);
        assertThat(seen.recorded())
                .as("all but the first step at each of three sites and the first plain one")
                .isEqualTo(STEPS - 4);
        assertThat(seen.losses()).isEqualTo(wanted.losses());
        assertThat(seen.state().equals(wanted.state())).as("state").isTrue();
        assertThat(seen.deployed()).isEqualTo(wanted.deployed());
    }

    @Test
    void aLossThatIsNotFiniteIsToldLateAndHasChangedNothing() {
        try (TinyTask task = task(Student.TERNARY);
                StudentTraining training = task.training(null, OPTIMIZER, STEPS, 0.1, 1);
                RecordedSteps steps = new RecordedSteps(task.device);
                BatchBuffers buffers = new BatchBuffers(task.device, task.teacher.config())) {
            List<PendingStep> started = new ArrayList<>();
            Map<String, double[]> before = null;
            for (int step = 0; step < 5; step++) {
                if (step == 3) {
                    double[] bias = task.get(task.student, "classifier.bias");
                    bias[0] = Double.NaN;
                    TinyTask.set(task.student, "classifier.bias", bias);
                    before = task.weights();
                }
                StepInputs inputs = buffers.load(task.batch(step));
                started.add(training.started(
                        steps.run(List.of(inputs, training.begin()), host -> task.compute(training, inputs, host))));
            }
            assertThat(started.get(2).losses()).containsKey("total");
            assertThatThrownBy(() -> started.get(3).losses())
                    .isInstanceOf(NonFiniteLoss.class)
                    .hasMessageContainingAll("\"prediction\"", "step 3");
            TinyTask.same(task.weights(), before);
        }
    }

    @Test
    void batchesOfOtherSizesRunDirectlyAndChangeNothing() {
        try (TinyTask task = task(Student.TERNARY, Padding.MASKED);
                TinyTask plain = task(Student.TERNARY, Padding.MASKED);
                StudentTraining training = task.training(null, OPTIMIZER, STEPS, 0.1, 1);
                StudentTraining wanted = plain.training(null, OPTIMIZER, STEPS, 0.1, 1);
                RecordedSteps steps = new RecordedSteps(task.device);
                BatchBuffers buffers = new BatchBuffers(task.device, task.teacher.config())) {
            int[] numbers = {0, 1, 0, 1, 2, 0, 3};
            int recorded = 0;
            for (int number : numbers) {
                StepInputs inputs = buffers.load(task.batch(number));
                Map<String, Double> losses = training.started(steps.run(
                                List.of(inputs, training.begin()), host -> task.compute(training, inputs, host)))
                        .losses();
                recorded += steps.recorded() ? 1 : 0;
                assertThat(losses).isEqualTo(plain.step(wanted, number).losses());
            }
            assertThat(recorded).isEqualTo(3);
            TinyTask.same(task.weights(), plain.weights());
        }
    }

    /** Recording stops for want of memory, early in the step or late: what it has begun leaves nothing behind. */
    @ParameterizedTest
    @ValueSource(ints = {0, 2_000, 20_000, 60_000})
    void withoutMemoryForARecordingStepsRunDirectly(int spare) {
        Outcome wanted = direct(Student.TERNARY);
        int recordedAt = 3;
        int[] calls = new int[1];
        try (TinyTask task = task(Student.TERNARY);
                StudentTraining training = task.training(Schedule.gradual(INTERVENTION), OPTIMIZER, STEPS, 0.1, 1);
                RecordedSteps steps = new RecordedSteps(task.device);
                BatchBuffers buffers = new BatchBuffers(task.device, task.teacher.config())) {
            for (int number = 0; number < STEPS; number++) {
                int step = number;
                StepInputs inputs = buffers.load(task.batch(step));
                List<Object> key = List.of(inputs, training.begin());
                LossBoard.Terms terms = steps.run(key, host -> {
                    if (step == recordedAt) {
                        task.device.setBudget(
                                calls[0]++ == 0 ? task.device.ops().bytes_in_use() + spare : 0);
                    }
                    return task.compute(training, inputs, host);
                });
                training.started(terms);
                assertThat(step == recordedAt && steps.recorded()).isFalse();
            }
            assertThat(calls[0]).as("recorded in vain, then run").isEqualTo(2);
            assertThat(StateCopy.of(training.state()).equals(wanted.state()))
                    .as("state")
                    .isTrue();
        }
    }
}
