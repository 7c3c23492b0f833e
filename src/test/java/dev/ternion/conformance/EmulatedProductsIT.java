package dev.ternion.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.backend.Backends;
import dev.ternion.backend.Device;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Products and fusions of the CUDA kernels, run by the emulation, beyond {@link EmulatedDeviceIT}: of other devices, with GELU, with maxima. */
class EmulatedProductsIT {
    /** The kernels that the host chooses for other compute capabilities. */
    @ParameterizedTest
    @ValueSource(strings = {"emulated:sm90", "emulated:sm100"})
    void productsOfOtherDevicesConformToo(String name) {
        List<Conformance.Result> results = new ArrayList<>();
        try (Device cpu = Backends.open("cpu", 2);
                Device device = Backends.open(name, 1)) {
            Conformance.products(cpu, device, results::add);
        }
        assertThat(results)
                .hasSizeGreaterThan(IntegerProducts.count())
                .allSatisfy(r -> assertThat(r.passed()).as("%s", r).isTrue());
    }

    @Test
    void aQuantizerUsesWhatTheOperationBeforeItKept() {
        try (Device device = Backends.open("emulated", 1)) {
            KeptTops.sameBytesAsSearching(device);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"emulated", "emulated:sm90", "emulated:sm100"})
    void aQuantizedLayerWithGeluGivesTheBytesOfTheTwoApart(String name) {
        try (Device device = Backends.open(name, 1)) {
            FusedGelu.sameBytesAsApart(device);
        }
    }

    @Test
    void aFusedNormGivesTheBytesOfItsComposite() {
        try (Device device = Backends.open("emulated", 1)) {
            FusedNorm.sameBytesAsComposite(device);
        }
    }
}
