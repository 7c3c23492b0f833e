package dev.ternion.load;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** How long calls took. */
public final class Latencies {
    private final long[] sorted;
    private final List<Throwable> errors;
    private final double perSecond;

    /**
     * @param nanos of each call
     * @param errors of calls that failed
     * @param perSecond answers for each second
     */
    Latencies(long[] nanos, Collection<Throwable> errors, double perSecond) {
        sorted = nanos.clone();
        Arrays.sort(sorted);
        this.errors = List.copyOf(errors);
        this.perSecond = perSecond;
    }

    /** Milliseconds that this share of the calls took at most. */
    public double millis(double share) {
        int rank = (int) Math.ceil(share * sorted.length);
        return sorted[Math.max(0, rank - 1)] / 1e6;
    }

    /** Of calls that failed. */
    public List<Throwable> errors() {
        return errors;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%d calls, %d errors, %.1f/s, ms: p50 %.1f, p90 %.1f, p99 %.1f, p99.9 %.1f, max %.1f",
                sorted.length,
                errors.size(),
                perSecond,
                millis(0.5),
                millis(0.9),
                millis(0.99),
                millis(0.999),
                millis(1));
    }
}
