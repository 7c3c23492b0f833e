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
import java.util.Arrays;
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
        int sizes = Conformance.Sizes.SMALL.sizes.size(), optimizers = 2 * 2, passes = 4 * 4, recorded = 2;
        assertThat(byCase)
                .hasSize(OpCatalogue.all().size() * sizes + IntegerProducts.count() + optimizers + passes + recorded);
        return byCase.entrySet().stream()
                .map(e -> dynamicTest(
                        e.getKey(),
                        () -> assertThat(e.getValue().stream()
                                        .filter(r -> !r.passed())
                                        .collect(Collectors.toList()))
                                .isEmpty()));
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

    /** Long enough for every segment of the sort, tables of one to three digits, ids that come once, often and never. */
    @Test
    void rowsOfATableSeeTheirGradientsInOrder() {
        for (int tableRows : new int[] {2, 300, 70_000}) {
            assertThat(scattered("emulated", tableRows))
                    .as("%d rows", tableRows)
                    .isEqualTo(scattered("cpu", tableRows));
        }
    }

    private static float[] scattered(String name, int tableRows) {
        int n = 2500, cols = 3;
        Draws draws = new Draws(5, tableRows);
        int[] ids = draws.ints(n, tableRows);
        Arrays.fill(ids, 100, 200, tableRows - 1);
        try (Device device = Backends.open(name, 1);
                Fixture fixture = new Fixture(device, Size.PADDED, 1)) {
            Tensor table = fixture.constant(Shape.of(tableRows, cols), draws.normals((long) tableRows * cols, 1));
            Tensor dy = fixture.constant(Shape.of(n, cols), draws.normals((long) n * cols, 1));
            device.ops()
                    .scatter_rows(
                            table.value().raw(),
                            dy.value().raw(),
                            fixture.ints(ids).raw(),
                            n,
                            cols);
            return device.readFloats(table.value());
        }
    }

    @Test
    void theFirstBadIdOfAGradientIsTold() {
        try (Device device = Backends.open("emulated", 1);
                Fixture fixture = new Fixture(device, Size.PADDED, 1)) {
            int[] ids = new int[2500];
            ids[1999] = -3;
            ids[1200] = 9;
            Tensor table = fixture.constant(Shape.of(5, 1), new double[5]),
                    dy = fixture.constant(Shape.of(2500, 1), ones());
            device.ops()
                    .scatter_rows(
                            table.value().raw(),
                            dy.value().raw(),
                            fixture.ints(ids).raw(),
                            2500,
                            1);
            assertThatThrownBy(() -> device.readFloats(table.value()))
                    .hasMessageContaining("[scatter_rows] id 9 at position 1200 is outside a table of 5 rows");
            assertThat(device.readFloats(table.value())).containsExactly(2498, 0, 0, 0, 0);
        }
    }

    private static double[] ones() {
        double[] ones = new double[2500];
        Arrays.fill(ones, 1);
        return ones;
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
