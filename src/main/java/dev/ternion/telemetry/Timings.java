package dev.ternion.telemetry;

import java.util.List;

/**
 * How long things of one kind took, in buckets.
 *
 * @param counts how many took no longer than each bound and longer than the one before; last, how many took longer than all bounds
 * @param seconds of all of them together
 */
public record Timings(List<Long> counts, double seconds) {
    public Timings {
        counts = List.copyOf(counts);
    }

    /** How many there were. */
    public long count() {
        return counts.stream().mapToLong(Long::longValue).sum();
    }
}
