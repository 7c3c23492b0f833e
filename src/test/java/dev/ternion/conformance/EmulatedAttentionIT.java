package dev.ternion.conformance;

import dev.ternion.backend.Backends;
import dev.ternion.backend.Device;
import org.junit.jupiter.api.Test;

/** On the CUDA kernels too attention without maps in memory is attention with them, byte for byte. */
class EmulatedAttentionIT {
    @Test
    void sameBytes() {
        try (Device device = Backends.open("emulated", 1)) {
            AttentionPaths.cases(Size.ONE, Size.PADDED, AttentionPaths.EDGES, AttentionPaths.WIDE)
                    .forEach(c -> AttentionPaths.compare(device, c));
        }
    }
}
