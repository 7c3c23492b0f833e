package dev.ternion.worker;

import dev.ternion.telemetry.Timings;
import java.util.Arrays;
import java.util.List;

/** Counts times. */
final class TimingsTally {
    private final List<Double> bounds;
    private final long[] counts;
    private double seconds;

    /** @param bounds upper bounds of the buckets, rising */
    TimingsTally(List<Double> bounds) {
        this.bounds = bounds;
        counts = new long[bounds.size() + 1];
    }

    void add(double time) {
        int bucket = 0;
        while (bucket < bounds.size() && time > bounds.get(bucket)) {
            bucket++;
        }
        counts[bucket]++;
        seconds += time;
    }

    Timings timings() {
        return new Timings(Arrays.stream(counts).boxed().toList(), seconds);
    }
}
