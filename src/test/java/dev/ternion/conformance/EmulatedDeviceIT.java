package dev.ternion.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.ternion.backend.Backends;
import dev.ternion.backend.Device;
import dev.ternion.tensor.Shape;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.ops.Embedding;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The CUDA kernels, run by the emulation, conform to the CPU; those with a planted fault do not. */
class EmulatedDeviceIT {
    private static List<Conformance.Result> run(String name) {
        List<Conformance.Result> results = new ArrayList<>();
        try (Device cpu = Backends.open("cpu", 2);
                Device device = Backends.open(name, 1)) {
            Conformance.run(cpu, device, Conformance.Sizes.SMALL, results::add);
            if (name.equals("emulated")) {
                assertThat(device.ops().bytes_in_use()).as("bytes left behind").isZero();
            }
        }
        return results;
    }

    @TestFactory
    Stream<DynamicTest> conformsToTheCpu() {
        Map<String, List<Conformance.Result>> byCase = new LinkedHashMap<>();
        run("emulated")
                .forEach(result -> byCase.computeIfAbsent(
                                result.operation() + ", " + result.size(), key -> new ArrayList<>())
                        .add(result));
        int sizes = Conformance.Sizes.SMALL.sizes.size(), optimizers = 2 * 2, passes = 4 * 3;
        assertThat(byCase).hasSize(OpCatalogue.all().size() * sizes + optimizers + passes);
        return byCase.entrySet().stream()
                .map(e -> dynamicTest(
                        e.getKey(),
                        () -> assertThat(e.getValue().stream()
                                        .filter(r -> !r.passed())
                                        .collect(Collectors.toList()))
                                .isEmpty()));
    }

    @Test
    void aQuantizerUsesWhatTheOperationBeforeItKept() {
        try (Device device = Backends.open("emulated", 1)) {
            KeptTops.sameBytesAsSearching(device);
        }
    }

    @Test
    void aBadIdIsToldByTheNextRead() {
        try (Device device = Backends.open("emulated", 1);
                Fixture fixture = new Fixture(device, Size.PADDED, 1);
                Tape tape = Tape.off(device)) {
            Tensor table = fixture.constant(Shape.of(5, 3), fixture.draws.normals(15, 1));
            Tensor rows = Embedding.of(tape, table, fixture.ints(1, 7, 2), 3);
            assertThatThrownBy(() -> device.readDoubles(rows.value()))
                    .hasMessageContaining("gather_rows")
                    .hasMessageContaining("7");
        }
    }

    @Test
    void aFaultInOneKernelFailsTheCasesThatUseItAndNoOther() {
        List<Conformance.Result> failed =
                run("emulated:gelu_forward").stream().filter(r -> !r.passed()).toList();
        assertThat(failed).isNotEmpty().allSatisfy(r -> assertThat(r.seen()).contains("[gelu_forward] illegal access"));
        assertThat(failed.stream().map(Conformance.Result::operation).distinct())
                .contains("Gelu")
                .doesNotContain("Add");
    }
}
