package dev.ternion.conformance;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ternion.backend.BackendException;
import dev.ternion.backend.Backends;
import dev.ternion.backend.Device;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link FusedGelu} on the CPU. */
class FusedGeluTest {
    @ParameterizedTest
    @ValueSource(strings = {"cpu:portable", "cpu:avx2", "cpu:avx512", "cpu64"})
    void sameBytesAsApart(String name) {
        Device device;
        try {
            device = Backends.open(name, 2);
        } catch (BackendException e) {
            assumeTrue(false, e.getMessage());
            return;
        }
        try (device) {
            FusedGelu.sameBytesAsApart(device);
        }
    }
}
