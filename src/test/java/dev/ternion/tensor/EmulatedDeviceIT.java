package dev.ternion.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.backend.Backends;
import dev.ternion.backend.Device;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
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
