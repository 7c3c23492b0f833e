package dev.ternion.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** Metrics are written as Prometheus reads them, and are only so many. */
class MetricsTest {
    private final Metrics metrics = new Metrics();

    @Test
    void everyTypeIsWrittenAsItIsRead() {
        Counter calls = metrics.counter("calls_total", "Calls.", "method", "status");
        calls.add("a", "OK");
        calls.add("a", "OK");
        calls.add("b", "OK");
        Histogram seconds = metrics.histogram("wait_seconds", "Waits.", new double[] {0.5, 1, 10});
        for (double value : new double[] {0.1, 0.5, 0.7, 10, 11}) {
            seconds.observe(value);
        }
        metrics.gauge("depth", "Depth.", () -> 2.5);
        metrics.gauges("state", "States.", "state", () -> Map.of("QUEUED", 3.0));
        metrics.summaries("gc_seconds", "Collections.", "gc", () -> Map.of("young", new Metrics.Total(4, 0.25)));

        PrometheusText text = PrometheusText.read(metrics.text());
        assertThat(text.samples())
                .containsExactlyInAnyOrderEntriesOf(Map.ofEntries(
                        Map.entry("calls_total{method=\"a\",status=\"OK\"}", 2.0),
                        Map.entry("calls_total{method=\"b\",status=\"OK\"}", 1.0),
                        Map.entry("wait_seconds_bucket{le=\"0.5\"}", 2.0),
                        Map.entry("wait_seconds_bucket{le=\"1\"}", 3.0),
                        Map.entry("wait_seconds_bucket{le=\"10\"}", 4.0),
                        Map.entry("wait_seconds_bucket{le=\"+Inf\"}", 5.0),
                        Map.entry("wait_seconds_sum", 22.3),
                        Map.entry("wait_seconds_count", 5.0),
                        Map.entry("depth", 2.5),
                        Map.entry("state{state=\"QUEUED\"}", 3.0),
                        Map.entry("gc_seconds_sum{gc=\"young\"}", 0.25),
                        Map.entry("gc_seconds_count{gc=\"young\"}", 4.0)));
        assertThat(text.types())
                .isEqualTo(Map.of(
                        "calls_total", "counter",
                        "wait_seconds", "histogram",
                        "depth", "gauge",
                        "state", "gauge",
                        "gc_seconds", "summary"));
    }

    @Test
    void signsThatMeanSomethingAreEscaped() {
        metrics.counter("odd_total", "A \"b\"\\c\nd.", "x").add("a\"b\\c\nd{},=é");
        assertThat(metrics.text()).isEqualTo("""
                        # HELP odd_total A "b"\\\\c\\nd.
                        # TYPE odd_total counter
                        odd_total{x="a\\"b\\\\c\\nd{},=é"} 1
                        """);
        PrometheusText.read(metrics.text());
    }

    @Test
    void numbersOfAnySizeAreRead() {
        metrics.gauge("a", "A.", () -> Double.NaN);
        metrics.gauge("b", "B.", () -> -1);
        metrics.gauge("c", "C.", () -> 1e300);
        metrics.gauge("d", "D.", () -> Double.NEGATIVE_INFINITY);
        metrics.gauge("e", "E.", () -> 1.25e-7);
        assertThat(PrometheusText.read(metrics.text()).samples())
                .isEqualTo(Map.of("a", Double.NaN, "b", -1.0, "c", 1e300, "d", Double.NEGATIVE_INFINITY, "e", 1.25e-7));
    }

    @Test
    void labelsThatAClientMakesUpDoNotMakeThePageGrow() {
        Counter calls = metrics.counter("calls_total", "Calls.", "method", "status");
        for (int i = 0; i < 10_000; i++) {
            calls.add("method" + i, "OK");
        }
        calls.add("method0", "OK");
        PrometheusText text = PrometheusText.read(metrics.text());
        assertThat(text.samples()).hasSize(Metrics.MAX_SERIES + 1);
        assertThat(text.value("calls_total{method=\"method0\",status=\"OK\"}")).isEqualTo(2);
        assertThat(text.value("calls_total{method=\"other\",status=\"other\"}")).isEqualTo(10_000 - Metrics.MAX_SERIES);
    }

    @Test
    void aNameIsUsedOnceAndLabelsAreThoseThatWereNamed() {
        Counter calls = metrics.counter("calls_total", "Calls.", "method");
        assertThatThrownBy(() -> metrics.gauge("calls_total", "Again.", () -> 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> calls.add("a", "b")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theProcessIsTold() {
        JvmMetrics.addTo(metrics);
        PrometheusText text = PrometheusText.read(metrics.text());
        assertThat(text.value("jvm_memory_used_bytes{area=\"heap\"}")).isGreaterThan(1e6);
        assertThat(text.value("jvm_threads_current")).isGreaterThanOrEqualTo(1);
        assertThat(text.value("process_cpu_seconds_total")).isPositive();
        assertThat(text.value("process_start_time_seconds")).isBetween(1.7e9, System.currentTimeMillis() / 1e3);
        assertThat(text.samples().keySet()).anyMatch(name -> name.startsWith("jvm_gc_collection_seconds_count{gc="));
        assertThat(text.samples()).containsKey("jvm_buffer_pool_used_bytes{pool=\"direct\"}");
    }
}
