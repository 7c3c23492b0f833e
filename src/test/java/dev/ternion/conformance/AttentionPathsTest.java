package dev.ternion.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ternion.backend.BackendException;
import dev.ternion.backend.Backends;
import dev.ternion.backend.Device;
import dev.ternion.tensor.SequenceLayout;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.ops.Attention;
import dev.ternion.tensor.ops.ScoreMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Attention without maps in memory is attention with them, byte for byte, on every instruction set. */
class AttentionPathsTest {
    private static Stream<AttentionPaths.Case> cases() {
        return AttentionPaths.cases(
                Size.ONE, Size.PACKED, Size.PADDED, Size.BIG, AttentionPaths.EDGES, AttentionPaths.WIDE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu:portable", "cpu:avx2", "cpu:avx512", "cpu64"})
    void sameBytes(String name) {
        Device device;
        try {
            device = Backends.open(name, 2);
        } catch (BackendException e) {
            assumeTrue(false, e.getMessage());
            return;
        }
        try (device) {
            cases().forEach(c -> AttentionPaths.compare(device, c));
        }
    }

    /** What a map of one layer alone would take is not there at any time. */
    @Test
    void noMapIsInMemory() {
        Size size = new Size("long", 1, 1, 4, 8, new int[] {512}, new int[] {512});
        try (Device device = Backends.open("cpu", 2);
                Fixture f = new Fixture(device, size, 3);
                Tape tape = Tape.on(device)) {
            var q = f.leaf("q", size.rows(), size.width());
            SequenceLayout layout = f.layout();
            device.ops().reset_peak();
            long before = device.ops().bytes_in_use();
            Tensor context = Attention.of(tape, ScoreMap.of(tape, q, q, layout), q, f.mask(0.1), null);
            tape.accumulate(context, (grad, add) -> device.ops().set_all(grad.raw(), 1));
            tape.backward();
            q.clearGrad();
            assertThat(device.ops().bytes_peak() - before)
                    .isLessThan(4L * 512 * 512 * 4 / 8)
                    .isGreaterThan(0);
        }
    }
}
