package dev.ternion.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.backend.Backends;
import dev.ternion.backend.Block;
import dev.ternion.backend.DType;
import dev.ternion.backend.Device;
import dev.ternion.tensor.Parameter;
import dev.ternion.tensor.Shape;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.ops.Dropout;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DropoutTest {
    private static final int N = 100_003;
    private static final double P = 0.1;
    private Device device;

    @BeforeEach
    void open() {
        device = Backends.open("cpu", 1);
    }

    @AfterEach
    void close() {
        device.close();
    }

    private double[] ones(long seed, int step, int site, int n) {
        try (Block stepBlock = device.allocate(DType.S32, 1);
                Block x = device.allocate(DType.REAL, n);
                Tape tape = Tape.off(device)) {
            device.writeInts(stepBlock, step);
            device.ops().set_all(x.raw(), 1);
            Tensor y = Dropout.of(tape, new Tensor(Shape.of(n), x, false), new Dropout.Mask(P, seed, site, stepBlock));
            return device.readDoubles(y.value());
        }
    }

    /** Standard deviation of the kept share: sqrt(0.09 / N) = 0.00095; five are allowed. */
    @Test
    void keepsTheStatedShareScaledUp() {
        double[] y = ones(1, 2, 3, N);
        assertThat(Arrays.stream(y).allMatch(v -> v == 0 || v == (float) (1 / 0.9)))
                .isTrue();
        assertThat(Arrays.stream(y).filter(v -> v != 0).count() / (double) N).isBetween(0.895, 0.905);
    }

    /** Independent masks differ with probability 2 p (1 - p) = 0.18, standard deviation 0.0012. */
    @Test
    void seedStepAndSiteAllChangeTheMask() {
        double[] y = ones(1, 2, 3, N);
        double[][] others = {ones(2, 2, 3, N), ones(1, 3, 3, N), ones(1, 2, 4, N), ones(1L << 40 | 1, 2, 3, N)};
        for (double[] other : others) {
            int differs = 0;
            for (int i = 0; i < N; i++) {
                differs += y[i] == other[i] ? 0 : 1;
            }
            assertThat(differs / (double) N).isBetween(0.174, 0.186);
        }
    }

    @Test
    void anElementsFateDoesNotDependOnTheSize() {
        double[] y = ones(1, 2, 3, N);
        for (int n : new int[] {1, 3, 4095, 4097}) {
            assertThat(ones(1, 2, 3, n)).isEqualTo(Arrays.copyOf(y, n));
        }
    }

    @Test
    void nothingDroppedIsTheInputItself() {
        try (Fixture fixture = new Fixture(device, Size.ONE, 1);
                Tape tape = Tape.on(device)) {
            Parameter x = fixture.leaf("x", 3, 3);
            assertThat(Dropout.of(tape, x, new Dropout.Mask(0, 0, 0, null))).isSameAs(x);
        }
    }
}
