package dev.ternion.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ternion.backend.BackendException;
import dev.ternion.backend.Backends;
import dev.ternion.backend.Device;
import dev.ternion.tensor.Compare;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Results depend neither on threads nor on repetition, nor, outside dense products, on the instruction set. */
class SameBytesTest {
    private static final Map<String, Device> OPEN = new HashMap<>();

    private static Device device(String name, int threads) {
        return OPEN.computeIfAbsent(name + " " + threads, key -> Backends.open(name, threads));
    }

    @AfterAll
    static void close() {
        OPEN.values().forEach(Device::close);
    }

    static Stream<Arguments> cases() {
        return OpCatalogue.all().stream()
                .flatMap(test -> Stream.of(Size.ONE, Size.PADDED, Size.BIG).map(size -> Arguments.of(test, size)));
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("cases")
    void onOneThreadAndTwoAndAgain(OpCase test, Size size) {
        OpRun one = OpRun.of(device("cpu", 1), test, size);
        for (int repeat = 0; repeat < 2; repeat++) {
            OpRun two = OpRun.of(device("cpu", 2), test, size);
            same("forward", two, one);
            sameGradients(two, one);
        }
    }

    /** One test per set, so that a machine without it skips once. */
    @ParameterizedTest
    @ValueSource(strings = {"cpu:avx2", "cpu:avx512"})
    void asOnThePortableSet(String name) {
        Device other;
        try {
            other = device(name, 2);
        } catch (BackendException e) {
            assumeTrue(false, e.getMessage());
            return;
        }
        assertAll(cases().map(Arguments::get).map(c -> () -> compare(other, (OpCase) c[0], (Size) c[1])));
    }

    private static void compare(Device other, OpCase test, Size size) {
        OpRun portable = OpRun.of(device("cpu:portable", 2), test, size), run = OpRun.of(other, test, size);
        if (test.products() == OpCase.Products.BOTH) {
            Compare.close(test + " forward", run.values(), portable.values(), 2e-6);
        } else {
            same(test + " forward", run, portable);
        }
        if (test.products() == OpCase.Products.NONE) {
            sameGradients(run, portable);
        } else {
            run.gradients()
                    .forEach((leaf, gradient) -> Compare.close(
                            test + " d" + leaf, gradient, portable.gradients().get(leaf), 2e-5));
        }
    }

    private static void same(String what, OpRun seen, OpRun wanted) {
        assertThat(seen.raw()).as("%s codes and mask", what).isEqualTo(wanted.raw());
        Compare.sameBytes(what, seen.values(), wanted.values());
    }

    private static void sameGradients(OpRun seen, OpRun wanted) {
        assertThat(seen.gradients().keySet()).isEqualTo(wanted.gradients().keySet());
        seen.gradients()
                .forEach((leaf, gradient) -> Compare.sameBytes(
                        "d" + leaf, gradient, wanted.gradients().get(leaf)));
    }
}
