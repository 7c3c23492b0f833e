package dev.ternion;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.OptionalLong;

/** Memory of the devices that are this machine's processor. */
final class HostMemory {
    private HostMemory() {}

    /** Bytes that a device has, limits of a container counted; empty for one with a memory of its own. */
    static OptionalLong of(String device) {
        return device.startsWith("cuda") ? OptionalLong.empty() : OptionalLong.of(bytes());
    }

    private static long bytes() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    }
}
