package dev.ternion.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.backend.Backends;
import dev.ternion.backend.Device;
import dev.ternion.tensor.Compare;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.javacpp.DoublePointer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Gradients in double: against central differences, or against the stated formula of a straight-through estimator. */
class GradientTest {
    private static final int PROBES = 48;
    private static Device device;

    @BeforeAll
    static void open() {
        device = Backends.open("cpu64", 2);
    }

    @AfterAll
    static void close() {
        device.close();
    }

    static Stream<Arguments> cases(OpCase.Kind kind) {
        return OpCatalogue.all().stream()
                .filter(test -> test.kind() == kind)
                .flatMap(test -> Stream.of(Size.ONE, Size.PACKED, Size.PADDED).map(size -> Arguments.of(test, size)));
    }

    static Stream<Arguments> smooth() {
        return cases(OpCase.Kind.SMOOTH);
    }

    static Stream<Arguments> straightThrough() {
        return cases(OpCase.Kind.STRAIGHT_THROUGH);
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("smooth")
    void smoothOperationsHaveTheirDerivative(OpCase test, Size size) {
        try (Fixture fixture = new Fixture(device, size, OpRun.SEED)) {
            OpCase.Body body = test.builder().on(fixture);
            OpRun run = OpRun.of(fixture, body);
            assertThat(run.gradients()).isNotEmpty();
            run.gradients().forEach((name, gradient) -> {
                assertThat(gradient).as("gradient of %s", name).isNotNull();
                probe(fixture, body, name, gradient);
            });
        }
    }

    /** Compares up to {@link #PROBES} elements with central differences, relative to their size or the gradient's. */
    private static void probe(Fixture fixture, OpCase.Body body, String leaf, double[] gradient) {
        double squares = 0;
        for (double g : gradient) {
            squares += g * g;
        }
        double usual = Math.max(Math.sqrt(squares / gradient.length), 1e-6);
        int stride = Math.max(1, gradient.length / PROBES);
        for (int i = 0; i < gradient.length; i += stride) {
            double difference = derivative(fixture, body, leaf, i);
            double error = Math.abs(difference - gradient[i]) / Math.max(Math.abs(gradient[i]), usual);
            assertThat(error <= 1e-6)
                    .as("d/d%s[%d] is %.12g, differences say %.12g", leaf, i, gradient[i], difference)
                    .isTrue();
        }
    }

    private static double derivative(Fixture fixture, OpCase.Body body, String leaf, int i) {
        double h = 1e-5, x = fixture.values(leaf)[i];
        set(fixture, leaf, i, x + h);
        double above = OpRun.objective(fixture, body);
        set(fixture, leaf, i, x - h);
        double below = OpRun.objective(fixture, body);
        set(fixture, leaf, i, x);
        return (above - below) / (2 * h);
    }

    private static void set(Fixture fixture, String leaf, int i, double value) {
        try (DoublePointer pointer = new DoublePointer(value)) {
            device.ops().write_f64(fixture.leaves.get(leaf).value().raw(), i, pointer, 1);
        }
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("straightThrough")
    void quantizedOperationsHaveTheirStatedResultAndGradient(OpCase test, Size size) {
        try (Fixture fixture = new Fixture(device, size, OpRun.SEED)) {
            OpRun run = OpRun.of(fixture, test.builder().on(fixture));
            Map<String, double[]> stated =
                    Stated.BY_CASE.get(test.name()).of(fixture, OpRun.seedGradient(run.values().length));
            Compare.close("result", run.values(), stated.get("y"), 1e-12);
            assertThat(run.gradients()).hasSize(stated.size() - 1);
            run.gradients().forEach((name, gradient) -> Compare.close(name, gradient, stated.get(name), 1e-12));
        }
    }

    @Test
    void everyQuantizedCaseHasStatedFormulas() {
        assertThat(Stated.BY_CASE.keySet())
                .containsExactlyInAnyOrderElementsOf(
                        QuantCases.ALL.stream().map(OpCase::name).toList());
    }

    /** The data of the stated cases must hit the clip exactly, or the strict bound would not be tested. */
    @Test
    void straightThroughDataTouchesTheClip() {
        try (Fixture fixture = new Fixture(device, Size.PACKED, OpRun.SEED)) {
            OpCase test = QuantCases.ALL.get(0);
            double[] gradient =
                    OpRun.of(fixture, test.builder().on(fixture)).gradients().get("x");
            int edges = 0;
            double[] x = fixture.values("x");
            for (int i = 0; i < x.length; i++) {
                if (Math.abs(x[i]) == QuantCases.CLIP) {
                    edges++;
                    assertThat(gradient[i]).isZero();
                }
            }
            assertThat(edges).isGreaterThan(20);
        }
    }
}
