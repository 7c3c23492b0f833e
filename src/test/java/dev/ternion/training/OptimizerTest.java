package dev.ternion.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.backend.Backends;
import dev.ternion.backend.Block;
import dev.ternion.backend.DType;
import dev.ternion.backend.Device;
import dev.ternion.conformance.Draws;
import dev.ternion.model.Parameters;
import dev.ternion.tensor.Compare;
import dev.ternion.tensor.Parameter;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.ops.LossSlot;
import dev.ternion.tensor.ops.MseLoss;
import dev.ternion.tensor.ops.Updates;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Both optimizers against formulas written down once more, in double. Ref: [TI] 4.3, [ADAMW] */
class OptimizerTest {
    private static final int TOTAL = 20;
    private static final double RATE = 0.01;
    private static final double HEAD = 10;
    private static final String MATRIX = "encoder.layer.0.attention.self.query.weight";
    private static final String BIAS = "encoder.layer.0.attention.self.query.bias";
    private static final String NORM = "encoder.layer.0.output.LayerNorm.weight";
    private static final String WORDS = "embeddings.word_embeddings.weight";
    private static final String CLASSIFIER = "classifier.weight";
    private static final String POOLER = "pooler.dense.bias";
    private static final List<String> NAMES = List.of(MATRIX, BIAS, NORM, WORDS, CLASSIFIER, POOLER);

    private Device device;
    private Parameters parameters;
    private Block guard;

    @BeforeEach
    void open() {
        device = Backends.open("cpu64", 1);
        parameters = new Parameters(device);
        guard = Updates.openGuard(device);
        for (String name : NAMES) {
            Parameter p = name.endsWith("weight") ? parameters.create(name, 6, 5) : parameters.create(name, 6);
            double[] values =
                    new Draws(1, NAMES.indexOf(name)).normals(p.shape().elements(), 0.5);
            device.writeDoubles(p.value(), values);
            p.changed();
        }
    }

    @AfterEach
    void close() {
        guard.close();
        parameters.close();
        device.close();
    }

    private static OptimizerSpec spec(OptimizerSpec.Kind kind) {
        return new OptimizerSpec(kind, RATE, 0.1, 0.01, 1, HEAD);
    }

    /** The gradient of a step; that of the bias is far below the clip, the others far above. */
    private double[] gradient(String name, int step) {
        double sigma = name.equals(BIAS) ? 0.01 : 3;
        Draws draws = new Draws(2, NAMES.indexOf(name), step);
        return draws.normals(parameters.get(name).shape().elements(), sigma);
    }

    /** Leaves exactly these gradients behind: the squared error (p - (p - g))² / 2 has gradient g. */
    private void leaveGradients(List<String> names, int step) {
        try (Tape tape = Tape.on(device);
                Block loss = device.allocate(DType.F64, 1)) {
            for (String name : names) {
                Parameter p = parameters.get(name);
                double[] target = device.readDoubles(p.value());
                double[] g = gradient(name, step);
                for (int i = 0; i < g.length; i++) {
                    target[i] -= g[i];
                }
                Tensor wanted = tape.tensor(p.shape(), false);
                device.writeDoubles(wanted.value(), target);
                MseLoss.of(tape, p, wanted, 2, new LossSlot(loss, 0, 1));
            }
            tape.backward();
        }
    }

    private Map<String, double[]> values() {
        Map<String, double[]> all = new LinkedHashMap<>();
        parameters.all().forEach(p -> all.put(p.name(), device.readDoubles(p.value())));
        return all;
    }

    private static double norm(double[] g) {
        double sum = 0;
        for (double x : g) {
            sum += x * x;
        }
        return Math.sqrt(sum);
    }

    private static double multiplier(double x) {
        return x < 0.1 ? x / 0.1 : Math.max((1 - x) / 0.9, 0);
    }

    /** Independent state of one tensor. */
    private static final class Oracle {
        final double[] p;
        final double[] m;
        final double[] v;
        int count;

        Oracle(double[] start) {
            p = start.clone();
            m = new double[p.length];
            v = new double[p.length];
        }

        /** Ref: [TI] 4.3 */
        void bertAdam(double[] g, double decay, double head) {
            double clip = Math.min(1, 1 / (norm(g) + 1e-6));
            double rate = RATE * head * multiplier((double) count / TOTAL);
            for (int i = 0; i < p.length; i++) {
                moments(i, g[i] * clip);
                double u = m[i] / (Math.sqrt(v[i]) + 1e-6) + decay * p[i];
                p[i] -= rate * u;
            }
            count++;
        }

        /** Ref: [ADAMW] */
        void adamW(double[] g, double clip, double decay, double rate) {
            count++;
            for (int i = 0; i < p.length; i++) {
                moments(i, g[i] * clip);
                double mean = m[i] / (1 - Math.pow(0.9, count));
                double square = v[i] / (1 - Math.pow(0.999, count));
                p[i] = p[i] - rate * decay * p[i] - rate * mean / (Math.sqrt(square) + 1e-8);
            }
        }

        private void moments(int i, double g) {
            m[i] = 0.9 * m[i] + 0.1 * g;
            v[i] = 0.999 * v[i] + 0.001 * g * g;
        }
    }

    private static double decay(String name) {
        return name.equals(MATRIX) || name.equals(WORDS) || name.equals(CLASSIFIER) ? 0.01 : 0;
    }

    private static double head(String name) {
        return name.equals(CLASSIFIER) || name.equals(POOLER) ? HEAD : 1;
    }

    private Map<String, Oracle> oracles() {
        Map<String, Oracle> all = new LinkedHashMap<>();
        values().forEach((name, value) -> all.put(name, new Oracle(value)));
        return all;
    }

    /** Movements, not values, so that a small error in the update shows. */
    private void same(Map<String, Oracle> oracles, Map<String, double[]> start) {
        values().forEach((name, seen) -> {
            double[] moved = seen.clone(), wanted = oracles.get(name).p.clone();
            for (int i = 0; i < moved.length; i++) {
                moved[i] -= start.get(name)[i];
                wanted[i] -= start.get(name)[i];
            }
            assertThat(norm(wanted)).as(name + " moves").isPositive();
            Compare.close(name, moved, wanted, 1e-6);
        });
    }

    @Test
    void bertAdam_threeSteps_followsTheFormula() {
        Map<String, Oracle> oracles = oracles();
        Map<String, double[]> start = values();
        try (Optimizer optimizer = new Optimizer(parameters, spec(OptimizerSpec.Kind.BERT_ADAM), TOTAL)) {
            for (int step = 0; step < 3; step++) {
                leaveGradients(NAMES, step);
                optimizer.step(guard, Runnable::run);
                for (String name : NAMES) {
                    oracles.get(name).bertAdam(gradient(name, step), decay(name), head(name));
                }
            }
            same(oracles, start);
        }
    }

    @Test
    void bertAdam_firstUpdate_hasRateZero() {
        Map<String, double[]> start = values();
        try (Optimizer optimizer = new Optimizer(parameters, spec(OptimizerSpec.Kind.BERT_ADAM), TOTAL)) {
            leaveGradients(NAMES, 0);
            optimizer.step(guard, Runnable::run);
            assertThat(optimizer.lastLearningRate()).isZero();
            values().forEach((name, seen) -> Compare.sameBytes(name, seen, start.get(name)));
            assertThat(NAMES)
                    .allSatisfy(name -> assertThat(optimizer.updates(name)).isEqualTo(1));
            leaveGradients(NAMES, 1);
            optimizer.step(guard, Runnable::run);
            assertThat(optimizer.lastLearningRate()).isEqualTo(RATE * multiplier(1.0 / TOTAL));
        }
    }

    @Test
    void bertAdam_lateParameter_warmsUpByItsOwnCounter() {
        List<String> early = List.of(MATRIX, BIAS);
        Map<String, Oracle> oracles = oracles();
        Map<String, double[]> start = values();
        try (Optimizer optimizer = new Optimizer(parameters, spec(OptimizerSpec.Kind.BERT_ADAM), TOTAL)) {
            for (int step = 0; step < 6; step++) {
                List<String> used = step < 3 ? early : NAMES;
                leaveGradients(used, step);
                optimizer.step(guard, Runnable::run);
                for (String name : used) {
                    oracles.get(name).bertAdam(gradient(name, step), decay(name), head(name));
                }
            }
            assertThat(optimizer.updates(MATRIX)).isEqualTo(6);
            assertThat(optimizer.updates(WORDS)).isEqualTo(3);
            same(oracles, start);
        }
    }

    @Test
    void adamW_threeSteps_followsTheFormula() {
        Map<String, Oracle> oracles = oracles();
        Map<String, double[]> start = values();
        try (Optimizer optimizer = new Optimizer(parameters, spec(OptimizerSpec.Kind.ADAMW), TOTAL)) {
            for (int step = 0; step < 3; step++) {
                leaveGradients(NAMES, step);
                optimizer.step(guard, Runnable::run);
                double squares = 0;
                for (String name : NAMES) {
                    squares += Math.pow(norm(gradient(name, step)), 2);
                }
                double clip = Math.min(1, 1 / (Math.sqrt(squares) + 1e-6));
                for (String name : NAMES) {
                    double rate = RATE * head(name) * multiplier((double) step / TOTAL);
                    oracles.get(name).adamW(gradient(name, step), clip, decay(name), rate);
                }
            }
            same(oracles, start);
        }
    }

    @Test
    void adamW_withoutClip_takesTheWholeGradient() {
        Map<String, Oracle> oracles = oracles();
        Map<String, double[]> start = values();
        OptimizerSpec free = new OptimizerSpec(OptimizerSpec.Kind.ADAMW, RATE, 0, 0.01, 0, 1);
        try (Optimizer optimizer = new Optimizer(parameters, free, TOTAL)) {
            for (int step = 0; step < 2; step++) {
                leaveGradients(NAMES, step);
                optimizer.step(guard, Runnable::run);
                for (String name : NAMES) {
                    double rate = RATE * (1 - (double) step / TOTAL);
                    oracles.get(name).adamW(gradient(name, step), 1, decay(name), rate);
                }
            }
            same(oracles, start);
        }
    }

    @ParameterizedTest
    @EnumSource(OptimizerSpec.Kind.class)
    void step_withoutGradient_leavesParameterAndCounterAlone(OptimizerSpec.Kind kind) {
        try (Optimizer optimizer = new Optimizer(parameters, spec(kind), TOTAL)) {
            for (int step = 0; step < 2; step++) {
                leaveGradients(NAMES, step);
                optimizer.step(guard, Runnable::run);
            }
            Map<String, double[]> before = values();
            for (int step = 2; step < 5; step++) {
                leaveGradients(List.of(MATRIX), step);
                optimizer.step(guard, Runnable::run);
            }
            values().forEach((name, seen) -> {
                if (name.equals(MATRIX)) {
                    assertThat(seen).isNotEqualTo(before.get(name));
                    assertThat(optimizer.updates(name)).isEqualTo(5);
                } else {
                    Compare.sameBytes(name, seen, before.get(name));
                    assertThat(optimizer.updates(name)).as(name).isEqualTo(2);
                }
            });
        }
    }

    @Test
    void step_dropsTheGradients() {
        try (Optimizer optimizer = new Optimizer(parameters, spec(OptimizerSpec.Kind.BERT_ADAM), TOTAL)) {
            leaveGradients(NAMES, 0);
            assertThat(parameters.get(MATRIX).grad()).isNotNull();
            optimizer.step(guard, Runnable::run);
            assertThat(parameters.all()).allSatisfy(p -> assertThat(p.grad()).isNull());
        }
    }

    /** The values that the guard is shown, and whether they set it. */
    private static Stream<Arguments> guards() {
        return Stream.of(OptimizerSpec.Kind.values())
                .flatMap(kind -> Stream.of(
                        Arguments.of(kind, new double[] {1, -Double.MAX_VALUE}, false),
                        Arguments.of(kind, new double[] {1, Double.POSITIVE_INFINITY}, true),
                        Arguments.of(kind, new double[] {Double.NEGATIVE_INFINITY, 1}, true),
                        Arguments.of(kind, new double[] {Double.NaN, 1}, true)));
    }

    @ParameterizedTest
    @MethodSource("guards")
    void step_underASetGuard_changesNoValueAndNoMoment(OptimizerSpec.Kind kind, double[] shown, boolean set) {
        try (Optimizer optimizer = new Optimizer(parameters, spec(kind), TOTAL);
                Block values = device.allocate(DType.F64, shown.length)) {
            device.writeDoubles(values, shown);
            leaveGradients(NAMES, 0);
            optimizer.step(guard, Runnable::run);
            Map<String, double[]> before = values();
            Map<String, ByteBuffer> moments = StateCopy.read(optimizer.state().moments());
            Updates.guardFinite(device, guard, values, shown.length);
            leaveGradients(NAMES, 1);
            optimizer.step(guard, Runnable::run);
            values().forEach((name, seen) ->
                    assertThat(Arrays.equals(seen, before.get(name))).as(name).isEqualTo(set));
            StateCopy.read(optimizer.state().moments())
                    .forEach((name, seen) ->
                            assertThat(seen.equals(moments.get(name))).as(name).isEqualTo(set));
            assertThat(parameters.all()).allSatisfy(p -> assertThat(p.grad()).isNull());
        }
    }

    @Test
    void apply_makesNoMemoryButWhatItGivesBack() {
        try (Optimizer optimizer = new Optimizer(parameters, spec(OptimizerSpec.Kind.ADAMW), TOTAL)) {
            leaveGradients(List.of(BIAS, CLASSIFIER), 0);
            int[] reached = optimizer.reached();
            assertThat(reached).containsExactly(NAMES.indexOf(BIAS), NAMES.indexOf(CLASSIFIER));
            optimizer.advance(reached);
            long before = device.ops().bytes_in_use();
            long gradients = 8
                    * (parameters.get(BIAS).shape().elements()
                            + parameters.get(CLASSIFIER).shape().elements());
            optimizer.apply(reached, guard);
            assertThat(device.ops().bytes_in_use()).isEqualTo(before - gradients);
            assertThat(optimizer.updates(BIAS)).isEqualTo(1);
            assertThat(optimizer.updates(MATRIX)).isZero();
        }
    }
}
