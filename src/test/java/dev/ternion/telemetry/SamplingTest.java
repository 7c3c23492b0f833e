package dev.ternion.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Down-sampling against plain references, and what must hold of it whatever the points. */
class SamplingTest {
    private final Random random = new Random(15);

    /** Section 4.2 of Steinarsson's thesis, word by word: split into buckets, then one point of each. */
    private static Points lttb(Points points, int most) {
        int n = points.size();
        if (n <= most) {
            return points;
        }
        List<List<Integer>> buckets = new ArrayList<>();
        buckets.add(List.of(0));
        for (int b = 0; b < most - 2; b++) {
            int begin = 1 + Math.floorDiv(b * (n - 2), most - 2);
            int end = 1 + Math.floorDiv((b + 1) * (n - 2), most - 2);
            buckets.add(IntStream.range(begin, end).boxed().toList());
        }
        buckets.add(List.of(n - 1));
        int[] kept = new int[most];
        for (int b = 1; b < most - 1; b++) {
            double x = buckets.get(b + 1).stream()
                    .mapToDouble(points::step)
                    .average()
                    .orElseThrow();
            double y = buckets.get(b + 1).stream()
                    .mapToDouble(points::value)
                    .average()
                    .orElseThrow();
            int a = kept[b - 1];
            kept[b] = buckets.get(b).stream()
                    .max((i, j) -> {
                        int order = Double.compare(area(points, a, i, x, y), area(points, a, j, x, y));
                        return order != 0 ? order : Integer.compare(j, i);
                    })
                    .orElseThrow();
        }
        kept[most - 1] = n - 1;
        return points.at(kept);
    }

    private static double area(Points points, int a, int b, double x, double y) {
        return 0.5
                * Math.abs(points.step(a) * (points.value(b) - y)
                        + points.step(b) * (y - points.value(a))
                        + x * (points.value(a) - points.value(b)));
    }

    @Test
    void lttbIsThePublishedOne() {
        for (int i = 0; i < 200; i++) {
            // Whole numbers, whose triangles are exact in either formula.
            Points points = draw(5 + random.nextInt(500), 3, () -> (double) random.nextInt(1000) * 64);
            int most = 4 + random.nextInt(60);
            Points sampled = Lttb.sample(points, most);
            assertThat(sampled.size()).isEqualTo(Math.min(most, points.size()));
            assertThat(sampled).isEqualTo(lttb(points, most));
        }
    }

    @Test
    void minMaxKeepsTheExtremesOfEachBucket() {
        for (int i = 0; i < 200; i++) {
            Points points = draw(5 + random.nextInt(500), 3, random::nextGaussian);
            int most = 4 + random.nextInt(60);
            Points sampled = MinMax.sample(points, most);
            assertThat(sampled.size()).isLessThanOrEqualTo(Math.max(most, Math.min(most, points.size())));
            if (points.size() > most) {
                int buckets = (most - 2) / 2;
                double width = (points.step(points.size() - 1) - points.step(0) + 1.0) / buckets;
                for (int b = 0; b < buckets; b++) {
                    double[] all = of(points, points.step(0), width, b);
                    double[] kept = of(sampled, points.step(0), width, b);
                    assertThat(extremes(kept)).isEqualTo(extremes(all));
                }
            } else {
                assertThat(sampled).isEqualTo(points);
            }
        }
    }

    private static double[] of(Points points, long first, double width, int bucket) {
        return IntStream.range(0, points.size())
                .filter(i -> (int) ((points.step(i) - first) / width) == bucket)
                .mapToDouble(points::value)
                .toArray();
    }

    private static List<Double> extremes(double[] values) {
        var statistics = java.util.Arrays.stream(values).summaryStatistics();
        return List.of(statistics.getMin(), statistics.getMax());
    }

    @Test
    void bothKeepTheEndsAndOnlyPointsThatAreThereInOrder() {
        for (Sampling sampling : Sampling.values()) {
            for (int i = 0; i < 100; i++) {
                boolean holes = i % 2 == 0;
                Points points = draw(
                        1 + random.nextInt(300),
                        50,
                        () -> holes && random.nextInt(3) == 0 ? Double.NaN : random.nextGaussian());
                int most = 4 + random.nextInt(20);
                Points sampled =
                        sample(sampling, points, 0, Long.MAX_VALUE, most).points();
                assertThat(sampled.step(0)).isEqualTo(points.step(0));
                assertThat(sampled.step(sampled.size() - 1)).isEqualTo(points.step(points.size() - 1));
                assertThat(sampled.size()).isLessThanOrEqualTo(most);
                for (int p = 0; p < sampled.size(); p++) {
                    Points there = points.within(sampled.step(p), sampled.step(p));
                    assertThat(sampled.slice(p, p + 1)).isEqualTo(there);
                }
            }
        }
    }

    @Test
    void aRangeIsSampledAlone() {
        Points points = draw(1000, 2, random::nextGaussian);
        long first = points.step(100) - 1;
        long last = points.step(900);
        Sampling.Sample sample = sample(Sampling.MIN_MAX, points, first, last, 50);
        assertThat(sample.of()).isEqualTo(points.within(first, last).size());
        assertThat(sample.points()).isEqualTo(MinMax.sample(points.within(first, last), 50));
        assertThat(sample(Sampling.LTTB, points, first, first, 50).points().size())
                .isEqualTo(points.within(first, first).size());
        assertThat(sample(Sampling.LTTB, points, last + 1_000_000, Long.MAX_VALUE, 50)
                        .points())
                .isEqualTo(Points.NONE);
    }

    /** Beyond what is sampled as it is. */
    @Test
    void theExtremesOfAVeryLongSeriesAreKept() {
        int size = 3 * Sampling.EXACT;
        int least = random.nextInt(size);
        int largest = random.nextInt(size);
        int[] i = {0};
        Points points = draw(size, 1, () -> {
            int at = i[0]++;
            return at == least ? -100 : at == largest ? 100 : random.nextGaussian();
        });
        for (Sampling sampling : Sampling.values()) {
            Sampling.Sample sample = sample(sampling, points, 0, Long.MAX_VALUE, 1000);
            assertThat(sample.of()).isEqualTo(size);
            assertThat(sample.points().size()).isBetween(900, 1000);
            List<Long> steps = IntStream.range(0, sample.points().size())
                    .mapToObj(sample.points()::step)
                    .toList();
            assertThat(steps).contains(points.step(least), points.step(largest));
        }
    }

    private static Sampling.Sample sample(Sampling sampling, Points points, long first, long last, int most) {
        SeriesKey key = new SeriesKey("", 1, "loss");
        InMemoryTelemetry store =
                new InMemoryTelemetry(job -> true, (job, attempt) -> true, Bounds.DEFAULT, Clock.systemUTC());
        store.append("job", 1, new Told(Map.of(key, points), 1, List.of()));
        return sampling.of(store, "job", store.find("job", key).orElseThrow(), first, last, most);
    }

    private Points draw(int size, int stride, java.util.function.DoubleSupplier values) {
        PointList points = new PointList();
        long step = 0;
        for (int i = 0; i < size; i++) {
            step += 1 + random.nextInt(stride);
            points.add(step, values.getAsDouble(), 1_900_000_000_000L + i);
        }
        return points.points();
    }
}
