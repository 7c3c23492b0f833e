package dev.ternion.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ternion.conformance.Draws;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The integer product is exact at its extremes on every device that opens. */
class IntegerProductTest {
    private static Device open(String name) {
        try {
            return Backends.open(name, 2);
        } catch (BackendException e) {
            assumeTrue(false, e.getMessage());
            throw e;
        }
    }

    private static float[] product(Device device, byte[] x, byte[] w, int m, int n, int k) {
        var ops = device.ops();
        try (Block xs = device.allocate(DType.S8, x.length);
                Block ws = device.allocate(DType.S8, w.length);
                Block one = device.allocate(DType.REAL, 1);
                Block panel = device.allocate(DType.U8, ops.panel_bytes(n, k, false));
                Block y = device.allocate(DType.REAL, (long) m * n)) {
            device.writeBytes(xs, x);
            device.writeBytes(ws, w);
            device.writeFloats(one, 1);
            ops.pack_panel(panel.raw(), ws.raw(), n, k, false);
            ops.gemm_s8(
                    y.raw(),
                    null,
                    xs.raw(),
                    one.raw(),
                    (long) m * k,
                    panel.raw(),
                    one.raw(),
                    (long) n * k,
                    null,
                    m,
                    n,
                    k,
                    false,
                    null,
                    0);
            return device.readFloats(y);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu:portable", "cpu:avx2", "cpu:avx512", "cpu64"})
    void nothingOverflows(String name) {
        try (Device device = open(name)) {
            int m = 5, n = 66, k = 4096;
            for (int sign = -1; sign <= 1; sign += 2) {
                byte[] x = new byte[m * k], w = new byte[n * k];
                Arrays.fill(x, (byte) (127 * sign));
                Arrays.fill(w, (byte) 1);
                assertThat(product(device, x, w, m, n, k)).containsOnly(127 * 4096 * sign);
                Arrays.fill(w, (byte) -1);
                assertThat(product(device, x, w, m, n, k)).containsOnly(-127 * 4096 * sign);
            }
        }
    }

    /** The product of bits gives the bytes of the product of the same codes. */
    @ParameterizedTest
    @ValueSource(strings = {"cpu:portable", "cpu:avx2", "cpu:avx512", "cpu64"})
    void bitsAreTheCodes(String name) {
        try (Device device = open(name)) {
            Draws draws = new Draws(6);
            for (int n : new int[] {1, 15, 16, 17, 65}) {
                for (int k : new int[] {1, 31, 32, 33, 768}) {
                    byte[] x = signs(draws, 19 * k), w = signs(draws, n * k);
                    assertThat(productOfBits(device, x, w, 19, n, k))
                            .as("n %d, k %d", n, k)
                            .isEqualTo(product(device, x, w, 19, n, k));
                }
            }
        }
    }

    private static byte[] signs(Draws draws, int n) {
        byte[] codes = new byte[n];
        for (int i = 0; i < n; i++) {
            codes[i] = (byte) (2 * draws.below(2) - 1);
        }
        return codes;
    }

    private static float[] productOfBits(Device device, byte[] x, byte[] w, int m, int n, int k) {
        var ops = device.ops();
        try (Block codes = device.allocate(DType.S8, Math.max(x.length, w.length));
                Block xs = device.allocate(DType.U8, ops.bits_bytes(m, k));
                Block ws = device.allocate(DType.U8, ops.bits_bytes(n, k));
                Block xOnes = device.allocate(DType.S32, m);
                Block wOnes = device.allocate(DType.S32, n);
                Block one = device.allocate(DType.REAL, 1);
                Block y = device.allocate(DType.REAL, (long) m * n)) {
            device.writeFloats(one, 1);
            device.writeBytes(codes, x);
            ops.pack_bits(xs.raw(), xOnes.raw(), codes.raw(), m, k);
            device.writeBytes(codes, w);
            ops.pack_bits(ws.raw(), wOnes.raw(), codes.raw(), n, k);
            ops.gemm_b1(
                    y.raw(),
                    null,
                    xs.raw(),
                    xOnes.raw(),
                    one.raw(),
                    (long) m * k,
                    ws.raw(),
                    wOnes.raw(),
                    one.raw(),
                    (long) n * k,
                    null,
                    m,
                    n,
                    k,
                    null,
                    0);
            return device.readFloats(y);
        }
    }

    /** Sizes around every tile border, single columns included. */
    @ParameterizedTest
    @ValueSource(strings = {"cpu:portable", "cpu:avx2", "cpu:avx512", "cpu64"})
    void agreesWithPlainLoops(String name) {
        try (Device device = open(name)) {
            int[] sizes = {1, 2, 3, 4, 5, 31, 33, 65};
            Draws draws = new Draws(5);
            for (int n : sizes) {
                for (int k : sizes) {
                    compare(device, draws, 1, n, k);
                    compare(device, draws, 7, n, k);
                }
                compare(device, draws, 193, n, 65);
            }
            compare(device, draws, 800, 130, 36);
        }
    }

    private static void compare(Device device, Draws draws, int m, int n, int k) {
        byte[] x = new byte[m * k], w = new byte[n * k];
        for (int i = 0; i < x.length; i++) {
            x[i] = (byte) (draws.below(255) - 127);
        }
        for (int i = 0; i < w.length; i++) {
            w[i] = (byte) (draws.below(3) - 1);
        }
        float[] y = product(device, x, w, m, n, k), wanted = new float[m * n];
        for (int i = 0; i < wanted.length; i++) {
            int sum = 0;
            for (int l = 0; l < k; l++) {
                sum += x[i / n * k + l] * w[i % n * k + l];
            }
            wanted[i] = sum;
        }
        assertThat(y).as("m %d, n %d, k %d", m, n, k).isEqualTo(wanted);
    }
}
