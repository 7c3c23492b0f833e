package dev.ternion.observe;

import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** Numbers that only grow, by the values of labels. */
public final class Counter {
    private final Series<LongAdder> series;

    Counter(int labels) {
        series = new Series<>(labels, LongAdder::new);
    }

    /** One more. */
    public void add(String... values) {
        series.of(values).increment();
    }

    /** So many more; 0 makes the combination be there. */
    public void add(long count, String... values) {
        series.of(values).add(count);
    }

    List<Metrics.Sample> samples() {
        return series.all().entrySet().stream()
                .map(entry ->
                        new Metrics.Sample("", entry.getKey(), entry.getValue().sum()))
                .toList();
    }
}
