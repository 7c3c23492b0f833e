package dev.ternion;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Memory of the devices that are this machine's processor. */
final class HostMemory {
    private static final Pattern AVAILABLE = Pattern.compile("MemAvailable: *([0-9]{1,15}) kB");

    private HostMemory() {}

    /** Bytes that a device has, limits of a container counted; empty for one with a memory of its own. */
    static OptionalLong of(String device) {
        return device.startsWith("cuda") ? OptionalLong.empty() : OptionalLong.of(bytes());
    }

    /** Bytes that a device has left, as far as Linux tells; of one with a memory of its own, and if it cannot be told, no limit. */
    static long free(String device) {
        if (device.startsWith("cuda")) {
            return Long.MAX_VALUE;
        }
        try (Stream<String> lines = Files.lines(Path.of("/proc/meminfo"))) {
            return lines.map(AVAILABLE::matcher)
                    .filter(Matcher::matches)
                    .mapToLong(line -> Long.parseLong(line.group(1)) << 10)
                    .findFirst()
                    .orElse(Long.MAX_VALUE);
        } catch (IOException | UncheckedIOException e) {
            return Long.MAX_VALUE;
        }
    }

    private static long bytes() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    }
}
