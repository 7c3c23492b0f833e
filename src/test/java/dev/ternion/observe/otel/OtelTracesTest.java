package dev.ternion.observe.otel;

import static dev.ternion.observe.otel.SpanCollector.attributes;
import static dev.ternion.observe.otel.SpanCollector.hex;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ternion.observe.Traces;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Spans reach a collector under the right parents; one that is away or does not answer delays and fills nothing. */
class OtelTracesTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String PARENT = "00f067aa0ba902b7";

    @Test
    void spansArriveUnderTheirParents() throws IOException {
        try (SpanCollector collector = new SpanCollector()) {
            try (Traces traces = open(collector.address())) {
                Traces.Span call = traces.begin(Traces.Kind.SERVER, "other", "00-" + TRACE + "-" + PARENT + "-01");
                call.name("Service/Method");
                call.set("rpc.grpc.status_code", 13);
                call.failed("INTERNAL");
                Traces.Span child = call.child("inside");
                child.event("evaluation", 7);
                child.end();
                call.end();
                Traces.Span elsewhere = traces.begin(Traces.Kind.INTERNAL, "attempt", call.traceparent());
                elsewhere.end();
            }
            await().until(() -> collector.spans.size() == 3);
            Span child = collector.spans.get(0), call = collector.spans.get(1), elsewhere = collector.spans.get(2);
            assertThat(collector.spans)
                    .allSatisfy(span -> assertThat(hex(span.getTraceId())).isEqualTo(TRACE));
            assertThat(hex(call.getParentSpanId())).isEqualTo(PARENT);
            assertThat(call.getName()).isEqualTo("Service/Method");
            assertThat(call.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_SERVER);
            assertThat(attributes(call.getAttributesList())).isEqualTo(Map.of("rpc.grpc.status_code", "13"));
            assertThat(call.getStatus().getCode()).isEqualTo(Status.StatusCode.STATUS_CODE_ERROR);
            assertThat(call.getStatus().getMessage()).isEqualTo("INTERNAL");
            assertThat(child.getParentSpanId()).isEqualTo(call.getSpanId());
            assertThat(child.getEvents(0).getName()).isEqualTo("evaluation");
            assertThat(elsewhere.getParentSpanId()).isEqualTo(call.getSpanId());
            assertThat(collector.services).containsOnly("tested");
        }
    }

    @Test
    void whatIsToldWhenItIsDoneHasItsTime() throws IOException {
        try (SpanCollector collector = new SpanCollector()) {
            try (Traces traces = open(collector.address())) {
                Traces.Span attempt = traces.begin(Traces.Kind.INTERNAL, "attempt", null);
                attempt.child("earlier", Duration.ofHours(1)).end();
                attempt.end();
            }
            await().until(() -> collector.spans.size() == 2);
            Span earlier = collector.spans.get(0), attempt = collector.spans.get(1);
            assertThat(earlier.getParentSpanId()).isEqualTo(attempt.getSpanId());
            Duration lasted = Duration.ofNanos(earlier.getEndTimeUnixNano() - earlier.getStartTimeUnixNano());
            assertThat(lasted).isBetween(Duration.ofHours(1), Duration.ofMinutes(61));
            assertThat(earlier.getEndTimeUnixNano())
                    .isBetween(attempt.getStartTimeUnixNano(), attempt.getEndTimeUnixNano());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00",
                "00-" + TRACE + "-" + PARENT,
                "00-00000000000000000000000000000000-" + PARENT + "-01",
                "00-" + TRACE + "-0000000000000000-01",
                "ff-" + TRACE + "-" + PARENT + "-01",
                "00-XYf92f3577b34da6a3ce929d0e0e4736-" + PARENT + "-01"
            })
    void anotherParentBeginsATrace(String parent) throws IOException {
        try (SpanCollector collector = new SpanCollector()) {
            try (Traces traces = open(collector.address())) {
                traces.begin(Traces.Kind.SERVER, "call", parent).end();
                traces.begin(Traces.Kind.SERVER, "call", null).end();
            }
            await().until(() -> collector.spans.size() == 2);
            assertThat(collector.spans).allSatisfy(span -> {
                assertThat(span.getParentSpanId().isEmpty()).isTrue();
                assertThat(hex(span.getTraceId())).isNotEqualTo(TRACE);
            });
        }
    }

    @Test
    void whatACallerLeavesOutIsNotSent() throws IOException {
        try (SpanCollector collector = new SpanCollector()) {
            try (Traces traces = open(collector.address())) {
                Traces.Span call = traces.begin(Traces.Kind.SERVER, "left out", "00-" + TRACE + "-" + PARENT + "-00");
                assertThat(call.traceparent()).startsWith("00-" + TRACE).endsWith("-00");
                traces.begin(Traces.Kind.INTERNAL, "left out too", call.traceparent())
                        .end();
                call.child("left out as well", Duration.ofSeconds(1)).end();
                call.end();
                traces.begin(Traces.Kind.SERVER, "sent", "").end();
            }
            await().until(() -> !collector.spans.isEmpty());
            assertThat(collector.spans).extracting(Span::getName).containsExactly("sent");
        }
    }

    /** 20,000 spans against a collector that answers nothing: waiting for each batch of 512 would take minutes. */
    @Test
    void aCollectorThatHangsDelaysNothingAndBoundedSpansWait() throws IOException {
        try (SpanCollector collector = new SpanCollector().hanging()) {
            try (Traces traces = open(collector.address())) {
                long begin = System.nanoTime();
                for (int i = 0; i < 20_000; i++) {
                    traces.begin(Traces.Kind.SERVER, "call", null).end();
                }
                assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(30));
                collector.release();
            }
            await().pollDelay(Duration.ofMillis(200)).until(() -> !collector.spans.isEmpty());
            // Those that waited, and a batch that was under way.
            assertThat(collector.spans.size()).isLessThanOrEqualTo(OtelTraces.ROOM + 512);
        }
    }

    @Test
    void theEndWaitsTwoSecondsForACollectorThatHangsAndNotForOneThatIsAway() throws IOException {
        try (SpanCollector collector = new SpanCollector().hanging()) {
            assertThat(close(collector.address())).isLessThan(Duration.ofSeconds(10));
        }
        assertThat(close(URI.create("http://127.0.0.1:1/v1/traces"))).isLessThan(Duration.ofSeconds(10));
    }

    private static Duration close(URI collector) {
        Traces traces = open(collector);
        traces.begin(Traces.Kind.SERVER, "call", null).end();
        long begin = System.nanoTime();
        traces.close();
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    private static OtelTraces open(URI collector) {
        return OtelTraces.to(collector, "tested", System::nanoTime);
    }
}
