package dev.ternion.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ternion.backend.Backends;
import dev.ternion.backend.Block;
import dev.ternion.backend.DType;
import dev.ternion.backend.Device;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The CUDA kernels, run by the emulation, against the CPU: the catalogue at every size. Forward results and losses are
 * equal bytes, except where an operation holds a dense product of real numbers; gradients are equal bytes or within the
 * tolerance of [performance.md 10], and the same bytes on every run.
 */
class EmulatedDeviceIT {
    private static final double BACKWARD = 2e-5;

    private static Device cpu;
    private static Device emulated;

    @BeforeAll
    static void open() {
        cpu = Backends.open("cpu", 2);
        emulated = Backends.open("emulated", 1);
    }

    @AfterAll
    static void close() {
        assertThat(emulated.ops().bytes_in_use()).as("bytes left behind").isZero();
        cpu.close();
        emulated.close();
    }

    static Stream<Arguments> cases() {
        return OpCatalogue.all().stream()
                .flatMap(test ->
                        Stream.of(Size.ONE, Size.PACKED, Size.PADDED, Size.BIG).map(size -> Arguments.of(test, size)));
    }

    /** The kernel skips it; the next read tells, once. */
    @Test
    void anIdOutsideTheTableIsToldByTheNextRead() {
        try (Block table = emulated.allocate(DType.REAL, 8);
                Block rows = emulated.allocate(DType.REAL, 6);
                Block ids = emulated.allocate(DType.S32, 3)) {
            emulated.writeFloats(table, 0, 1, 2, 3, 4, 5, 6, 7);
            emulated.writeInts(ids, 3, 4, -1);
            emulated.ops().gather_rows(rows.raw(), table.raw(), ids.raw(), 3, 2, false);
            assertThatThrownBy(() -> emulated.readFloats(rows))
                    .hasMessage("[gather_rows] id 4 at position 1 is outside a table of 4 rows");
            assertThat(emulated.readFloats(rows)).containsExactly(6, 7, 0, 0, 0, 0);
        }
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("cases")
    void givesTheBytesOfTheCpu(OpCase test, Size size) {
        OpRun seen = OpRun.of(emulated, test, size), wanted = OpRun.of(cpu, test, size);
        if (test.products() == OpCase.Products.BOTH) {
            Compare.close("forward", seen.values(), wanted.values(), BACKWARD);
        } else {
            assertThat(seen.raw()).as("codes and mask").isEqualTo(wanted.raw());
            Compare.sameBytes("forward", seen.values(), wanted.values());
        }
        assertThat(seen.gradients().keySet()).isEqualTo(wanted.gradients().keySet());
        OpRun again = OpRun.of(emulated, test, size);
        seen.gradients().forEach((leaf, gradient) -> {
            Compare.close("d" + leaf, gradient, wanted.gradients().get(leaf), BACKWARD);
            Compare.sameBytes("d" + leaf + " again", again.gradients().get(leaf), gradient);
        });
    }
}
