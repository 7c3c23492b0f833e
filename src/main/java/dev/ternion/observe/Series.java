package dev.ternion.observe;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Something for each combination of label values, of which there are only so many. */
final class Series<T> {
    private final int labels;
    private final Supplier<T> fresh;
    private final Map<List<String>, T> all = new LinkedHashMap<>();

    Series(int labels, Supplier<T> fresh) {
        this.labels = labels;
        this.fresh = fresh;
        if (labels == 0) {
            of();
        }
    }

    synchronized T of(String... values) {
        if (values.length != labels) {
            throw new IllegalArgumentException(values.length + " values of labels, wanted " + labels);
        }
        List<String> key = List.of(values);
        return all.containsKey(key) || all.size() < Metrics.MAX_SERIES
                ? all.computeIfAbsent(key, k -> fresh.get())
                : all.computeIfAbsent(Collections.nCopies(labels, Metrics.OTHER), k -> fresh.get());
    }

    synchronized Map<List<String>, T> all() {
        return new LinkedHashMap<>(all);
    }
}
