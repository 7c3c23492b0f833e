package dev.ternion.training.metrics;

/**
 * A score.
 *
 * @param value the score; all metrics are better when higher
 * @param degenerate whether the formula was 0/0 (no variance, no positives, …) and the value is 0 by definition
 */
public record MetricValue(double value, boolean degenerate) {
    static MetricValue of(double value) {
        return new MetricValue(value, false);
    }

    /** 0, because the formula is 0/0. */
    static MetricValue undefined() {
        return new MetricValue(0, true);
    }

    /** The mean of two scores; degenerate if either is. */
    static MetricValue mean(MetricValue a, MetricValue b) {
        return new MetricValue((a.value + b.value) / 2, a.degenerate || b.degenerate);
    }
}
