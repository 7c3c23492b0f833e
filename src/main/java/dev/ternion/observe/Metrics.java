package dev.ternion.observe;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/**
 * The metrics of one server, in the order in which they were added. A metric has at most {@link #MAX_SERIES} combinations of labels; what
 * comes after is counted under {@link #OTHER}, so that no client can make a server's metrics grow.
 */
public final class Metrics {
    /** Combinations of labels that a metric may have, {@link #OTHER} apart. */
    public static final int MAX_SERIES = 80;

    /** Value of every label of the combination that takes what is too much. */
    public static final String OTHER = "other";

    private final List<Family> families = new CopyOnWriteArrayList<>();

    /**
     * A number that only grows.
     *
     * @param name ends in {@code _total}
     * @param help one line
     */
    public Counter counter(String name, String help, String... labels) {
        Counter counter = new Counter(labels.length);
        add(new Family(name, help, "counter", List.of(labels), counter::samples));
        return counter;
    }

    /**
     * How often something took how much.
     *
     * @param name ends in its unit
     * @param bounds upper bounds of the buckets, rising
     */
    public Histogram histogram(String name, String help, double[] bounds, String... labels) {
        Histogram histogram = new Histogram(bounds, labels.length);
        add(new Family(name, help, "histogram", List.of(labels), histogram::samples));
        return histogram;
    }

    /** A number that is asked for when metrics are read. */
    public void gauge(String name, String help, DoubleSupplier value) {
        add(new Family(name, help, "gauge", List.of(), () -> List.of(new Sample("", List.of(), value.getAsDouble()))));
    }

    /** A number that only grows and is asked for when metrics are read; the name ends in {@code _total}. */
    public void counter(String name, String help, DoubleSupplier value) {
        add(new Family(
                name, help, "counter", List.of(), () -> List.of(new Sample("", List.of(), value.getAsDouble()))));
    }

    /** Numbers by the value of one label, asked for when metrics are read. */
    public void gauges(String name, String help, String label, Supplier<Map<String, Double>> values) {
        add(new Family(
                name,
                help,
                "gauge",
                List.of(label),
                () -> values.get().entrySet().stream()
                        .map(entry -> new Sample("", List.of(entry.getKey()), entry.getValue()))
                        .toList()));
    }

    /** Numbers of times and their seconds by the value of one label, asked for when metrics are read. */
    public void summaries(String name, String help, String label, Supplier<Map<String, Total>> values) {
        add(new Family(name, help, "summary", List.of(label), () -> {
            List<Sample> samples = new ArrayList<>();
            values.get().forEach((value, total) -> {
                samples.add(new Sample("_sum", List.of(value), total.sum()));
                samples.add(new Sample("_count", List.of(value), total.count()));
            });
            return samples;
        }));
    }

    /**
     * What a summary tells.
     *
     * @param count of times
     * @param sum of what they took
     */
    public record Total(long count, double sum) {}

    /** All metrics as they stand, in Prometheus' text format 0.0.4. */
    public String text() {
        StringBuilder text = new StringBuilder();
        families.forEach(family -> TextFormat.write(family, text));
        return text.toString();
    }

    private void add(Family family) {
        if (families.stream().anyMatch(other -> other.name().equals(family.name()))) {
            throw new IllegalArgumentException("there is a metric " + family.name() + " already");
        }
        families.add(family);
    }

    /**
     * A metric with all its combinations of labels.
     *
     * @param type counter, gauge, histogram or summary
     * @param labels names; samples have their values in the same order
     */
    record Family(String name, String help, String type, List<String> labels, Supplier<List<Sample>> samples) {}

    /**
     * One line.
     *
     * @param suffix of the metric's name
     * @param values of the labels; a histogram's bucket has that of {@code le} last
     */
    record Sample(String suffix, List<String> values, double value) {}
}
