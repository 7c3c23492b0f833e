package dev.ternion.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.backend.Backends;
import dev.ternion.backend.Device;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the comparisons say, on devices that are not what they should be. */
class ConformanceTest {
    @Test
    void theF64ReferenceIsNoF32Device() {
        List<Conformance.Result> results = new ArrayList<>();
        try (Device cpu = Backends.open("cpu", 2);
                Device reference = Backends.open("cpu64", 2)) {
            Conformance.run(cpu, reference, Conformance.Sizes.SMALL, results::add);
        }
        List<Conformance.Result> gelu = results.stream()
                .filter(r -> r.operation().equals("Gelu") && r.size().equals("big"))
                .toList();
        assertThat(gelu).anySatisfy(r -> {
            assertThat(r.part()).isEqualTo("forward");
            assertThat(r.passed()).isFalse();
            assertThat(r.seen()).contains("elements differ, the first at");
        });
        assertThat(gelu).anySatisfy(r -> {
            assertThat(r.part()).isEqualTo("gradient of x");
            assertThat(r.passed()).as("close all the same").isTrue();
        });
    }

    @Test
    void aClosedDeviceIsGivenUpAfterThreeFailures() {
        List<Conformance.Result> results = new ArrayList<>();
        try (Device cpu = Backends.open("cpu", 1)) {
            Device closed = Backends.open("cpu:portable", 1);
            closed.close();
            Conformance.run(cpu, closed, Conformance.Sizes.SMALL, results::add);
        }
        assertThat(results).hasSize(3).allSatisfy(r -> assertThat(r.seen()).contains("is closed"));
        assertThat(results.get(2).seen()).contains("given up after 3 in a row");
    }
}
