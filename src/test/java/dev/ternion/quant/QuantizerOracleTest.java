package dev.ternion.quant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.ternion.backend.Backends;
import dev.ternion.backend.Block;
import dev.ternion.backend.DType;
import dev.ternion.backend.Device;
import dev.ternion.conformance.Draws;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Worked examples and statistics of [TI] 1.3, 1.5 and 7.10. */
class QuantizerOracleTest {
    private static final double[] MATRIX = {0.1, -0.5, 0.9, 0.05, -0.05, -1.4};
    private Device device;

    @AfterEach
    void close() {
        device.close();
    }

    private record Result(byte[] codes, double[] scales, double[] values, byte[] mask) {}

    private enum Rule {
        TERNARY,
        BINARY,
        SYMMETRIC
    }

    private Result run(Rule rule, double[] x, long group) {
        long n = x.length;
        try (Block in = device.allocate(DType.REAL, n);
                Block codes = device.allocate(DType.S8, n);
                Block scales = device.allocate(DType.REAL, n / group);
                Block mask = device.allocate(DType.U8, (n + 7) / 8);
                Block values = device.allocate(DType.REAL, n)) {
            device.writeDoubles(in, x);
            var ops = device.ops();
            switch (rule) {
                case TERNARY -> ops.quantize_ternary(codes.raw(), scales.raw(), in.raw(), n, group, 2.5);
                case BINARY -> ops.quantize_binary(codes.raw(), scales.raw(), mask.raw(), in.raw(), n, group, 2.5);
                case SYMMETRIC ->
                    ops.quantize_symmetric(codes.raw(), scales.raw(), mask.raw(), in.raw(), n, group, 2.5, 8, null, 0);
            }
            ops.dequantize(values.raw(), codes.raw(), scales.raw(), n, group);
            byte[] bits = rule == Rule.TERNARY ? new byte[0] : device.readBytes(mask);
            return new Result(device.readBytes(codes), device.readDoubles(scales), device.readDoubles(values), bits);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "cpu:portable", "cpu64"})
    void ternaryOfTheWorkedMatrix(String name) {
        device = Backends.open(name, 2);
        Result whole = run(Rule.TERNARY, MATRIX, 6);
        assertThat(whole.codes).containsExactly(0, -1, 1, 0, 0, -1);
        assertThat(whole.scales[0]).isCloseTo(0.9333333333, within(1e-7));
        Result rows = run(Rule.TERNARY, MATRIX, 3);
        assertThat(rows.codes).containsExactly(0, -1, 1, 0, 0, -1);
        assertThat(rows.scales[0]).isCloseTo(0.7, within(1e-7));
        assertThat(rows.scales[1]).isCloseTo(1.4, within(1e-7));
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "cpu:portable", "cpu64"})
    void symmetricOfTheWorkedRow(String name) {
        device = Backends.open(name, 2);
        Result result = run(Rule.SYMMETRIC, new double[] {0.3, -1.0, 2.4999, 3.0}, 4);
        assertThat(result.codes).containsExactly(15, -51, 127, 127);
        assertThat(result.scales[0]).isCloseTo(2.5 / 127, within(1e-8));
        assertThat(result.mask[0] & 15).isEqualTo(0b0111);
        Result edges = run(Rule.SYMMETRIC, new double[] {2.5, -2.5, -2.6, -2.4999}, 4);
        assertThat(edges.codes).containsExactly(127, -127, -127, -127);
        assertThat(edges.mask[0] & 15).isEqualTo(0b1000);
    }

    /** Signs, the mean of clamped magnitudes, and the mask of elements strictly inside the clip, across bytes of it. */
    @ParameterizedTest
    @ValueSource(strings = {"cpu", "cpu:portable", "cpu64"})
    void binaryOfWorkedRows(String name) {
        device = Backends.open(name, 2);
        Result result = run(Rule.BINARY, new double[] {0.3, -1.0, 2.4999, 3.0, 0.0, -0.0}, 6);
        assertThat(result.codes).containsExactly(1, -1, 1, 1, 1, 1);
        assertThat(result.scales[0]).isCloseTo((0.3 + 1 + 2.4999 + 2.5) / 6, within(1e-6));
        assertThat(result.mask).containsExactly(0b110111);
        Result rows = run(Rule.BINARY, new double[] {-2, 2.5, -2.5, 2.4, 1, 1, -7, -1, -4, 0.5}, 5);
        assertThat(rows.codes).containsExactly(-1, 1, -1, 1, 1, 1, -1, -1, -1, 1);
        assertThat(rows.scales[0]).isCloseTo(10.4 / 5, within(1e-6));
        assertThat(rows.scales[1]).isCloseTo(7.5 / 5, within(1e-6));
        assertThat(rows.mask).containsExactly((byte) 0b10111001, (byte) 0b10);
    }

    /** With maximum 127 the step is 1, so every half lies on a rounding border. */
    @ParameterizedTest
    @ValueSource(strings = {"cpu", "cpu:portable", "cpu64"})
    void roundsHalfToEven(String name) {
        device = Backends.open(name, 1);
        double[] x = {127, 0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 126.5};
        for (int i = 0; i < x.length; i++) {
            x[i] /= 64;
        }
        assertThat(run(Rule.SYMMETRIC, x, 8).codes).containsExactly(127, 0, 2, 2, 0, -2, -2, 126);
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "cpu:portable", "cpu64"})
    void zerosGiveZerosAndNoNaN(String name) {
        device = Backends.open(name, 2);
        double[] x = new double[24];
        x[17] = 1;
        for (Rule rule : Rule.values()) {
            for (long group : new long[] {8, 24}) {
                Result result = run(rule, group == 8 ? x : new double[24], group);
                assertThat(result.scales[0]).as("%s", rule).isZero();
                assertThat(result.values).as("%s", rule).doesNotContain(Double.NaN);
                for (int i = 0; i < 16; i++) {
                    assertThat(result.values[i] == 0)
                            .as("%s element %d", rule, i)
                            .isTrue();
                }
                if (rule != Rule.BINARY) {
                    assertThat(Arrays.copyOf(result.codes, 8)).containsOnly(0);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "cpu:portable", "cpu64"})
    void smallestNumbersStayInRange(String name) {
        device = Backends.open(name, 1);
        for (double size : new double[] {1e-45, 1e-40, 1e-37, 1e-30}) {
            smallest(new Draws(13).uniforms(64, -size, size));
        }
    }

    private void smallest(double[] x) {
        x[7] = 0;
        Result result = run(Rule.SYMMETRIC, x, x.length);
        for (int i = 0; i < x.length; i++) {
            assertThat((int) result.codes[i]).isBetween(-127, 127);
            assertThat(result.codes[i] * Math.signum(x[i]))
                    .as("sign of element %d", i)
                    .isGreaterThanOrEqualTo(0);
        }
    }

    /**
     * n = 2^20 draws of N(0, 1): the sample means have standard errors 0.0006 (threshold 0.7 E|w|: 0.7 * 0.603 / 1024 =
     * 0.0004), 0.0005 (density) and 0.0006 (scale); four of them and half a unit of the quoted last digit are allowed.
     */
    @ParameterizedTest
    @ValueSource(strings = {"cpu", "cpu64"})
    void gaussianStatistics(String name) {
        device = Backends.open(name, 2);
        double[] w = new Draws(11).normals(1 << 20, 0.25);
        Result t = run(Rule.TERNARY, w, w.length), b = run(Rule.BINARY, w, w.length);
        int wrong = 0;
        double kept = 0, smallest = 1, largest = 0, error = 0, binaryError = 0, power = 0;
        for (int i = 0; i < w.length; i++) {
            double a = Math.abs(w[i]) / 0.25;
            if (t.codes[i] != 0) {
                kept++;
                smallest = Math.min(smallest, a);
                wrong += t.codes[i] == Math.signum(w[i]) ? 0 : 1;
            } else {
                largest = Math.max(largest, a);
            }
            wrong += b.codes[i] == (w[i] >= 0 ? 1 : -1) ? 0 : 1;
            error += (w[i] - t.values[i]) * (w[i] - t.values[i]);
            binaryError += (w[i] - b.values[i]) * (w[i] - b.values[i]);
            power += w[i] * w[i];
        }
        assertThat(wrong).as("codes of the wrong sign").isZero();
        assertThat(smallest).as("threshold").isCloseTo(0.5585, within(0.0021)).isGreaterThan(largest);
        assertThat(kept / w.length).as("density").isCloseTo(0.5765, within(0.0025));
        assertThat(t.scales[0] / 0.25).as("scale").isCloseTo(1.185, within(0.003));
        assertThat(error / power).as("relative MSE").isCloseTo(0.1915, within(0.001));
        assertThat(b.scales[0] / 0.25).as("BWN scale").isCloseTo(Math.sqrt(2 / Math.PI), within(0.0025));
        assertThat(binaryError / power).as("BWN relative MSE").isCloseTo(1 - 2 / Math.PI, within(0.002));
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "cpu:portable", "cpu64"})
    void isIdempotent(String name) {
        device = Backends.open(name, 2);
        double[] w = new Draws(12).normals(96 * 40, 0.5);
        for (long group : new long[] {40, w.length}) {
            Result ternary = run(Rule.TERNARY, w, group), binary = run(Rule.BINARY, w, group);
            Result symmetric = run(Rule.SYMMETRIC, w, group);
            assertThat(run(Rule.TERNARY, ternary.values, group).codes).isEqualTo(ternary.codes);
            assertThat(run(Rule.BINARY, binary.values, group).codes).isEqualTo(binary.codes);
            assertThat(run(Rule.SYMMETRIC, symmetric.values, group).codes).isEqualTo(symmetric.codes);
            assertThat(run(Rule.TERNARY, ternary.values, group).scales[0]).isCloseTo(ternary.scales[0], within(1e-6));
        }
    }

    /** Statistics come from clamped values: an outlier counts as the clip. */
    @ParameterizedTest
    @ValueSource(strings = {"cpu", "cpu64"})
    void outliersCountAsTheClip(String name) {
        device = Backends.open(name, 1);
        double[] w = {100, -1, 1, 0.5, 0, 0, 0, -100};
        QuantOracle.Quantized wanted = QuantOracle.ternary(w, 8, 2.5);
        Result t = run(Rule.TERNARY, w, 8), b = run(Rule.BINARY, w, 8);
        assertThat(t.codes).isEqualTo(wanted.codes());
        assertThat(wanted.scales()[0]).isEqualTo(7.0 / 4);
        assertThat(t.scales[0]).isCloseTo(7.0 / 4, within(1e-6));
        assertThat(b.scales[0]).isCloseTo(7.5 / 8, within(1e-6));
    }
}
