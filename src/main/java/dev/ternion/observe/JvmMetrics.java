package dev.ternion.observe;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.lang.management.ThreadMXBean;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/** The Java process: memory, collections, threads, time, files. Names are those that Prometheus' own Java client uses. */
public final class JvmMetrics {
    private JvmMetrics() {}

    /** Adds them. */
    public static void addTo(Metrics metrics) {
        memory(metrics, "jvm_memory_used_bytes", "Memory that is used.", MemoryUsage::getUsed);
        memory(metrics, "jvm_memory_committed_bytes", "Memory that the system has given.", MemoryUsage::getCommitted);
        memory(metrics, "jvm_memory_max_bytes", "Memory that may be used; -1 for no bound.", MemoryUsage::getMax);
        pools(
                metrics,
                "jvm_buffer_pool_used_bytes",
                "Memory of buffers outside the heap.",
                BufferPoolMXBean::getMemoryUsed);
        pools(metrics, "jvm_buffer_pool_used_buffers", "Buffers outside the heap.", BufferPoolMXBean::getCount);
        metrics.summaries("jvm_gc_collection_seconds", "Collections of garbage.", "gc", JvmMetrics::collections);
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        metrics.gauge("jvm_threads_current", "Threads.", threads::getThreadCount);
        metrics.gauge(
                "jvm_threads_daemon", "Threads that do not keep the process alive.", threads::getDaemonThreadCount);
        metrics.gauge("jvm_threads_peak", "Most threads at a time.", threads::getPeakThreadCount);
        metrics.gauge(
                "jvm_classes_currently_loaded",
                "Classes.",
                ManagementFactory.getClassLoadingMXBean()::getLoadedClassCount);
        metrics.gauge(
                "process_start_time_seconds",
                "Start of the process, seconds since 1970.",
                () -> ManagementFactory.getRuntimeMXBean().getStartTime() / 1e3);
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
            metrics.counter("process_cpu_seconds_total", "Processor time.", () -> system.getProcessCpuTime() / 1e9);
            metrics.gauge("process_open_fds", "Open files and connections.", system::getOpenFileDescriptorCount);
            metrics.gauge(
                    "process_max_fds", "Files and connections that may be open.", system::getMaxFileDescriptorCount);
        }
    }

    private static void memory(Metrics metrics, String name, String help, ToLongFunction<MemoryUsage> value) {
        var memory = ManagementFactory.getMemoryMXBean();
        metrics.gauges(name, help, "area", () -> {
            Map<String, Double> areas = new LinkedHashMap<>();
            areas.put("heap", (double) value.applyAsLong(memory.getHeapMemoryUsage()));
            areas.put("nonheap", (double) value.applyAsLong(memory.getNonHeapMemoryUsage()));
            return areas;
        });
    }

    private static void pools(Metrics metrics, String name, String help, ToDoubleFunction<BufferPoolMXBean> value) {
        metrics.gauges(name, help, "pool", () -> {
            Map<String, Double> pools = new LinkedHashMap<>();
            ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)
                    .forEach(pool -> pools.put(pool.getName(), value.applyAsDouble(pool)));
            return pools;
        });
    }

    private static Map<String, Metrics.Total> collections() {
        Map<String, Metrics.Total> all = new LinkedHashMap<>();
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            all.put(
                    collector.getName(),
                    new Metrics.Total(collector.getCollectionCount(), collector.getCollectionTime() / 1e3));
        }
        return all;
    }
}
