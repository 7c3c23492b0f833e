package dev.ternion.bench;

import dev.ternion.backend.Block;
import dev.ternion.backend.DType;
import dev.ternion.backend.Device;
import java.util.Arrays;
import java.util.Map;

/**
 * Seconds of a piece of work. A device may run behind its caller: each timed run repeats the work until it takes some
 * milliseconds and ends with a small read, which waits for all of it.
 */
final class Timer {
    private static final double WANTED_SECONDS = 0.01;
    private static final int MAX_CALLS = 1000;

    private final double[] seconds;

    private Timer(double[] seconds) {
        this.seconds = seconds;
    }

    /** Times {@code work}, after two runs that are not counted. */
    static Timer of(Device device, int repeats, Runnable work) {
        try (Block probe = device.allocate(DType.REAL, 1)) {
            device.writeFloats(probe, 0);
            once(device, probe, 1, work);
            double first = once(device, probe, 1, work);
            int calls = (int) Math.max(1, Math.min(MAX_CALLS, Math.ceil(WANTED_SECONDS / first)));
            double[] seconds = new double[repeats];
            for (int i = 0; i < repeats; i++) {
                seconds[i] = once(device, probe, calls, work);
            }
            Arrays.sort(seconds);
            return new Timer(seconds);
        }
    }

    private static double once(Device device, Block probe, int calls, Runnable work) {
        long start = System.nanoTime();
        for (int i = 0; i < calls; i++) {
            work.run();
        }
        device.readFloats(probe);
        return Math.max(1e-9, (System.nanoTime() - start) * 1e-9 / calls);
    }

    /** Already measured seconds. */
    static Timer of(double[] measured) {
        double[] sorted = measured.clone();
        Arrays.sort(sorted);
        return new Timer(sorted);
    }

    double median() {
        return seconds[seconds.length / 2];
    }

    /** Median, least and greatest as NAME_s, NAME_s_min, NAME_s_max. */
    void into(Map<String, Object> row, String name) {
        row.put(name + "_s", median());
        row.put(name + "_s_min", seconds[0]);
        row.put(name + "_s_max", seconds[seconds.length - 1]);
    }
}
