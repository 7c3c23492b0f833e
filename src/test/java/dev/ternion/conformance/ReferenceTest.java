package dev.ternion.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.backend.Backends;
import dev.ternion.backend.Device;
import dev.ternion.tensor.Compare;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The f32 device against the f64 reference on the same inputs, within the catalogue's tolerance. */
class ReferenceTest {
    private static Device single;
    private static Device reference;

    @BeforeAll
    static void open() {
        single = Backends.open("cpu", 2);
        reference = Backends.open("cpu64", 2);
    }

    @AfterAll
    static void close() {
        single.close();
        reference.close();
    }

    static Stream<Arguments> cases() {
        return OpCatalogue.all().stream()
                .flatMap(test ->
                        Stream.of(Size.ONE, Size.PACKED, Size.PADDED, Size.BIG).map(size -> Arguments.of(test, size)));
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("cases")
    void singlePrecisionAgreesWithDouble(OpCase test, Size size) {
        OpRun seen = OpRun.of(single, test, size), wanted = OpRun.of(reference, test, size);
        assertThat(seen.raw()).as("codes and mask").isEqualTo(wanted.raw());
        Compare.close("forward", seen.values(), wanted.values(), test.tolerance());
        wanted.gradients().forEach((leaf, gradient) -> {
            assertThat(gradient).as("gradient of %s", leaf).isNotNull();
            Compare.close("d" + leaf, seen.gradients().get(leaf), gradient, test.tolerance());
        });
    }
}
