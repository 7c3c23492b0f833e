package dev.ternion.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.backend.Backends;
import dev.ternion.intervention.Schedule;
import dev.ternion.quant.QuantSpec;
import dev.ternion.quant.QuantSpec.WeightRule;
import dev.ternion.tensor.Compare;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** One training in one go, and the same in two tasks that share nothing but the state. */
final class Resumption {
    private static final int INTERVENTION = 4;
    private static final int TOTAL = 8;

    private Resumption() {}

    /** Both optimizers and weight rules, stopped in the intervention phase, at its end, and after it. */
    static Stream<Arguments> trainings() {
        List<Arguments> all = new ArrayList<>();
        for (OptimizerSpec optimizer : List.of(
                OptimizerSpec.bertAdam(2e-3), new OptimizerSpec(OptimizerSpec.Kind.ADAMW, 2e-3, 0.1, 0.01, 1, 1))) {
            for (WeightRule rule : WeightRule.values()) {
                for (int stop : new int[] {3, INTERVENTION, 6}) {
                    all.add(Arguments.of(optimizer, rule, stop));
                }
            }
        }
        return all.stream();
    }

    static void check(String device, OptimizerSpec optimizer, WeightRule rule, int stop) {
        TrainingState whole = run(device, optimizer, rule, null, TOTAL);
        TrainingState half = run(device, optimizer, rule, null, stop);
        TrainingState resumed = run(device, optimizer, rule, half, TOTAL);
        assertThat(resumed.step()).isEqualTo(TOTAL);
        assertThat(resumed.weights().keySet()).isEqualTo(whole.weights().keySet());
        whole.weights().forEach((name, values) -> same(name, resumed.weights().get(name), values));
        Map<String, OptimizerState.Moments> wanted = whole.optimizer().moments();
        assertThat(resumed.optimizer().moments().keySet()).isEqualTo(wanted.keySet());
        wanted.forEach((name, moments) -> {
            OptimizerState.Moments seen = resumed.optimizer().moments().get(name);
            assertThat(seen.updates()).as("updates of %s", name).isEqualTo(moments.updates());
            same("first moment of " + name, seen.first(), moments.first());
            same("second moment of " + name, seen.second(), moments.second());
        });
    }

    private static TrainingState run(
            String device, OptimizerSpec optimizer, WeightRule rule, TrainingState from, int until) {
        QuantSpec quant = QuantSpec.ternary().withWeights(rule);
        try (TinyTask task = new TinyTask(Backends.open(device, 1), quant, 3);
                StudentTraining training = task.training(Schedule.gradual(INTERVENTION), optimizer, TOTAL, 0.1, 1)) {
            if (from != null) {
                training.restore(from);
            }
            while (training.stepsDone() < until) {
                task.step(training, training.stepsDone());
            }
            return training.state();
        }
    }

    private static void same(String what, float[] seen, float[] wanted) {
        Compare.sameBytes(what, doubles(seen), doubles(wanted));
    }

    private static double[] doubles(float[] values) {
        double[] all = new double[values.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = values[i];
        }
        return all;
    }
}
