package dev.ternion.observe;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.DoubleAdder;

/** How often something took how much, by the values of labels. */
public final class Histogram {
    private final double[] bounds;
    private final Series<Buckets> series;

    Histogram(double[] bounds, int labels) {
        this.bounds = bounds.clone();
        series = new Series<>(labels, () -> new Buckets(new AtomicLongArray(bounds.length + 1), new DoubleAdder()));
    }

    private record Buckets(AtomicLongArray counts, DoubleAdder sum) {}

    /** Once more. */
    public void observe(double value, String... values) {
        Buckets buckets = series.of(values);
        int bucket = 0;
        while (bucket < bounds.length && value > bounds[bucket]) {
            bucket++;
        }
        buckets.sum().add(value);
        buckets.counts().incrementAndGet(bucket);
    }

    /**
     * Adds what was counted elsewhere; zeros make the combination be there.
     *
     * @param counts of each bucket alone, the last without a bound
     * @param sum of all values
     */
    public void add(List<Long> counts, double sum, String... values) {
        if (counts.size() != bounds.length + 1) {
            throw new IllegalArgumentException(counts.size() + " buckets, wanted " + (bounds.length + 1));
        }
        Buckets buckets = series.of(values);
        buckets.sum().add(sum);
        for (int i = 0; i < counts.size(); i++) {
            buckets.counts().addAndGet(i, counts.get(i));
        }
    }

    List<Metrics.Sample> samples() {
        List<Metrics.Sample> samples = new ArrayList<>();
        series.all().forEach((values, buckets) -> {
            long count = 0;
            for (int i = 0; i <= bounds.length; i++) {
                count += buckets.counts().get(i);
                List<String> all = new ArrayList<>(values);
                all.add(TextFormat.number(i < bounds.length ? bounds[i] : Double.POSITIVE_INFINITY));
                samples.add(new Metrics.Sample("_bucket", all, count));
            }
            samples.add(new Metrics.Sample("_sum", values, buckets.sum().sum()));
            samples.add(new Metrics.Sample("_count", values, count));
        });
        return samples;
    }
}
