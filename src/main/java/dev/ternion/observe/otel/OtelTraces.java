package dev.ternion.observe.otel;

import dev.ternion.observe.Traces;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanLimits;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Spans that are sent to a collector, all of those that the caller does not ask to leave out. {@link #ROOM} wait at the most; what is
 * beyond, and what the collector does not take, is lost.
 */
public final class OtelTraces implements Traces {
    /** Spans that may wait to be sent, some KiB each. */
    static final int ROOM = 2048;

    private static final int BATCH = 512;
    private static final int MOST_VALUE = 200;
    private static final Duration EVERY = Duration.ofSeconds(1);
    private static final Duration CONNECT = Duration.ofSeconds(2);
    private static final Duration SEND = Duration.ofSeconds(5);
    private static final long CLOSE_SECONDS = 2;
    private static final String TRACEPARENT = "traceparent";

    /** The libraries' own log repeats what a collector answers; {@link ReportingExporter} tells what an operator needs. */
    private static final Logger LIBRARY = Logger.getLogger("io.opentelemetry");

    private static final TextMapGetter<Map<String, String>> GETTER = new TextMapGetter<>() {
        @Override
        public String get(Map<String, String> carrier, String key) {
            return carrier == null ? null : carrier.get(key);
        }
    };

    private final SdkTracerProvider provider;
    private final Tracer tracer;

    private OtelTraces(SdkTracerProvider provider) {
        this.provider = provider;
        this.tracer = provider.get("dev.ternion");
    }

    /**
     * Spans for a collector; it need not be there.
     *
     * @param collector where spans are posted, http or https
     * @param service name of what makes them
     * @param nanos as {@link System#nanoTime}
     */
    public static OtelTraces to(URI collector, String service, LongSupplier nanos) {
        LIBRARY.setLevel(Level.OFF);
        OtlpHttpSpanExporter exporter = OtlpHttpSpanExporter.builder()
                .setEndpoint(collector.toString())
                .setConnectTimeout(CONNECT)
                .setTimeout(SEND)
                .setRetryPolicy(null)
                .setCompression("gzip")
                .build();
        BatchSpanProcessor processor = BatchSpanProcessor.builder(new ReportingExporter(exporter, nanos))
                .setMaxQueueSize(ROOM)
                .setMaxExportBatchSize(BATCH)
                .setScheduleDelay(EVERY)
                .setExporterTimeout(SEND.plus(CONNECT))
                .build();
        Attributes name = Attributes.builder().put("service.name", service).build();
        return new OtelTraces(SdkTracerProvider.builder()
                .setResource(Resource.getDefault().merge(Resource.create(name)))
                .setSampler(Sampler.parentBased(Sampler.alwaysOn()))
                .setSpanLimits(SpanLimits.builder()
                        .setMaxAttributeValueLength(MOST_VALUE)
                        .build())
                .addSpanProcessor(processor)
                .build());
    }

    @Override
    public Span begin(Kind kind, String name, String parent) {
        Map<String, String> carrier = parent == null ? Map.of() : Map.of(TRACEPARENT, parent);
        Context context = W3CTraceContextPropagator.getInstance().extract(Context.root(), carrier, GETTER);
        return new OtelSpan(tracer.spanBuilder(name)
                .setParent(context)
                .setSpanKind(SpanKind.valueOf(kind.name()))
                .startSpan());
    }

    @Override
    public void close() {
        provider.shutdown().join(CLOSE_SECONDS, TimeUnit.SECONDS);
    }

    /** A span of the SDK. */
    private final class OtelSpan implements Span {
        private final io.opentelemetry.api.trace.Span span;

        private OtelSpan(io.opentelemetry.api.trace.Span span) {
            this.span = span;
        }

        @Override
        public String traceparent() {
            Map<String, String> carrier = new HashMap<>();
            W3CTraceContextPropagator.getInstance().inject(Context.root().with(span), carrier, Map::put);
            return carrier.getOrDefault(TRACEPARENT, "");
        }

        @Override
        public Span child(String name) {
            return new OtelSpan(inside(name).startSpan());
        }

        /** By the clock of this span, which the system's may not agree with any more; one that is not sent has none. */
        @Override
        public Span child(String name, Duration ago) {
            SpanBuilder child = inside(name);
            if (span instanceof ReadableSpan its) {
                long now = its.toSpanData().getStartEpochNanos() + its.getLatencyNanos();
                child.setStartTimestamp(now - ago.toNanos(), TimeUnit.NANOSECONDS);
            }
            return new OtelSpan(child.startSpan());
        }

        private SpanBuilder inside(String name) {
            return tracer.spanBuilder(name).setParent(Context.root().with(span)).setSpanKind(SpanKind.INTERNAL);
        }

        @Override
        public void name(String name) {
            span.updateName(name);
        }

        @Override
        public void set(String key, String value) {
            span.setAttribute(key, value);
        }

        @Override
        public void set(String key, long value) {
            span.setAttribute(key, value);
        }

        @Override
        public void event(String name, long step) {
            span.addEvent(name, Attributes.builder().put("ternion.step", step).build());
        }

        @Override
        public void failed(String reason) {
            span.setStatus(StatusCode.ERROR, reason);
        }

        @Override
        public void end() {
            span.end();
        }
    }
}
