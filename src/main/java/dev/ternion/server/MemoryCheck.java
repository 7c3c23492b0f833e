package dev.ternion.server;

import dev.ternion.api.ResourceCatalog;
import dev.ternion.recipe.JobSpec;
import java.util.Map;
import java.util.OptionalLong;

/** Refuses a job that its device can never hold, instead of letting it wait and fail. */
final class MemoryCheck {
    private static final long MIB = 1 << 20;

    private MemoryCheck() {}

    /**
     * The bytes that a job needs at the least.
     *
     * @throws Refusal INSUFFICIENT_MEMORY, if its limit or its device has less
     */
    static long require(JobSpec spec, ResourceCatalog catalog) {
        long need = catalog.leastMemory(spec);
        OptionalLong device = catalog.deviceMemory(spec.device());
        long limit = spec.deviceMemoryMib() > 0 ? spec.deviceMemoryMib() * MIB : Long.MAX_VALUE;
        long have = Math.min(limit, device.orElse(Long.MAX_VALUE));
        if (need > have) {
            String suggestions = "batch_size, max_length, arms, a smaller model"
                    + (limit == have ? ", a larger device_memory_mib" : ", another device");
            throw Refusal.precondition(
                    "INSUFFICIENT_MEMORY",
                    "device " + spec.device(),
                    "the job needs " + need + " bytes at the least, "
                            + (limit == have ? "its device_memory_mib allows " : "device " + spec.device() + " has ")
                            + have + "; change " + suggestions,
                    Map.of(
                            "need_bytes", String.valueOf(need),
                            "have_bytes", String.valueOf(have),
                            "suggestions", suggestions));
        }
        return need;
    }
}
