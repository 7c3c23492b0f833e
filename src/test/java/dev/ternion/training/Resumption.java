package dev.ternion.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.backend.Backends;
import dev.ternion.intervention.Schedule;
import dev.ternion.model.Linear;
import dev.ternion.quant.QuantSpec;
import dev.ternion.quant.QuantSpec.WeightRule;
import dev.ternion.tensor.ops.QuantizedWeight;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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

    /** How a training stands, and the codes that its next step will use. */
    private record Stop(StateCopy state, Map<String, ByteBuffer> codes) {}

    static void check(String device, OptimizerSpec optimizer, WeightRule rule, int stop) throws IOException {
        Stop whole = whole(device, optimizer, rule);
        Stop half = run(device, optimizer, rule, null, stop);
        Stop taken = run(device, optimizer, rule, half.state(), stop);
        same(taken, half);
        Stop resumed = run(device, optimizer, rule, half.state(), TOTAL);
        assertThat(resumed.state().step()).isEqualTo(TOTAL);
        same(resumed, whole);
    }

    private static final Map<List<Object>, Stop> WHOLE = new ConcurrentHashMap<>();

    /** The training in one go, made once for all the stops that are compared with it. */
    private static Stop whole(String device, OptimizerSpec optimizer, WeightRule rule) throws IOException {
        List<Object> key = List.of(device, optimizer, rule);
        Stop whole = WHOLE.get(key);
        if (whole == null) {
            whole = run(device, optimizer, rule, null, TOTAL);
            WHOLE.put(key, whole);
        }
        return whole;
    }

    private static void same(Stop seen, Stop wanted) {
        assertThat(seen.state().updates()).isEqualTo(wanted.state().updates());
        wanted.state()
                .tensors()
                .forEach((name, values) -> assertThat(
                                values.equals(seen.state().tensors().get(name)))
                        .as(name)
                        .isTrue());
        assertThat(seen.state().equals(wanted.state())).as("state").isTrue();
        wanted.codes()
                .forEach((name, bytes) -> assertThat(bytes.equals(seen.codes().get(name)))
                        .as(name)
                        .isTrue());
        assertThat(wanted.codes()).isNotEmpty();
    }

    private static Stop run(String device, OptimizerSpec optimizer, WeightRule rule, StateCopy from, int until)
            throws IOException {
        QuantSpec quant = QuantSpec.ternary().withWeights(rule);
        try (TinyTask task = new TinyTask(Backends.open(device, 1), quant, 3);
                StudentTraining training = task.training(Schedule.gradual(INTERVENTION), optimizer, TOTAL, 0.1, 1)) {
            if (from != null) {
                training.restore(from.state());
            }
            while (training.stepsDone() < until) {
                task.step(training, training.stepsDone());
            }
            return new Stop(StateCopy.of(training.state()), codes(task));
        }
    }

    /** Codes, scales and panels: left by the update in one process, made of the weights in another. */
    private static Map<String, ByteBuffer> codes(TinyTask task) {
        Map<String, ByteBuffer> all = new HashMap<>();
        for (Linear linear : task.student.quantizedLinears()) {
            QuantizedWeight weight = linear.quantized().fresh();
            String name = weight.weight().name();
            all.put(name + " codes", ByteBuffer.wrap(task.device.readBytes(weight.codes())));
            all.put(name + " scales", TensorValues.read(weight.scale()));
            all.put(name + " panel", ByteBuffer.wrap(task.device.readBytes(weight.panel())));
        }
        return all;
    }
}
