package dev.ternion.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.ternion.backend.Backends;
import dev.ternion.backend.Device;
import dev.ternion.training.Precision;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The benchmarks on the emulated device: every case gives figures that fit together. What they say of speed is nothing. */
class BenchIT {
    private static List<Map<String, Object>> rows(String part, int repeats, long budget) {
        return rows(part, repeats, budget, Precision.FP32);
    }

    private static List<Map<String, Object>> rows(String part, int repeats, long budget, Precision precision) {
        List<Map<String, Object>> rows = new ArrayList<>();
        try (Device device = Backends.open("emulated", 1)) {
            device.setBudget(budget);
            Bench.run(part, device, repeats, precision, rows::add);
            assertThat(device.ops().bytes_in_use()).as("bytes left behind").isZero();
        }
        return rows;
    }

    private static double number(Map<String, Object> row, String field) {
        return ((Number) row.get(field)).doubleValue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"step", "gemm", "attention", "optimizer"})
    void everyCaseIsTimed(String part) {
        assertThat(rows(part, 3, 0)).isNotEmpty().allSatisfy(row -> {
            assertThat(row).containsEntry("part", part).containsEntry("device", "emulated CUDA device");
            assertThat(row).doesNotContainKey("error");
            row.keySet().stream().filter(field -> field.endsWith("_s_min")).forEach(field -> {
                String name = field.substring(0, field.length() - "_min".length());
                assertThat(number(row, field)).isPositive().isLessThanOrEqualTo(number(row, name));
                assertThat(number(row, name)).isLessThanOrEqualTo(number(row, name + "_max"));
            });
        });
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void aStepLowersTheLossAndTellsItsMemory(Precision precision) {
        Map<String, Object> row = rows("step", 12, 0, precision).get(0);
        assertThat(row).containsEntry("precision", precision.name());
        assertThat(number(row, "loss_last")).isLessThan(number(row, "loss_first"));
        assertThat(number(row, "peak_mib")).isBetween(0.1, 100.0);
    }

    /** The jobs' form is timed, and it is that form: it never holds a map. */
    @Test
    void attentionIsTimedWithAndWithoutStoredMaps() {
        assertThat(rows("attention", 1, 0)).extracting(row -> row.get("maps")).containsExactly("operands", "stored");
        try (Device device = Backends.open("emulated", 1)) {
            double made = peak(device, false), stored = peak(device, true), map = 4 * 256 * 256 / 1048576.0;
            assertThat(stored).isGreaterThan(made + 2 * map);
            assertThat(made).isLessThan(map);
        }
    }

    private static double peak(Device device, boolean storedMaps) {
        return number(AttentionBench.run(device, new Cases.Attention(1, 256, 1, 8, storedMaps), 1), "peak_mib");
    }

    @Test
    void aProductsRateIsItsOperationsBySeconds() {
        Map<String, Object> row = rows("gemm", 1, 0).get(0);
        double operations = 2 * number(row, "m") * number(row, "n") * number(row, "k");
        assertThat(number(row, "tera_ops_per_s") * 1e12 * number(row, "call_s"))
                .isCloseTo(operations, within(1e-6 * operations));
    }

    @Test
    void aCaseThatDoesNotFitSaysSoAndTheNextGoesOn() {
        List<Map<String, Object>> rows = rows("gemm", 1, 12_000);
        assertThat(rows)
                .anySatisfy(
                        row -> assertThat(String.valueOf(row.get("error"))).contains("out of memory budget: needs"));
        assertThat(rows).anySatisfy(row -> assertThat(row).containsKey("call_s"));
    }
}
