package dev.ternion.observe.otel;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An exporter whose failures are told once a minute, with nothing in it that the collector has said. */
final class ReportingExporter implements SpanExporter {
    private static final Logger LOG = LoggerFactory.getLogger(ReportingExporter.class);
    private static final long QUIET_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final SpanExporter exporter;
    private final LongSupplier nanos;
    private long lost;
    private long told;
    private boolean toldOnce;

    ReportingExporter(SpanExporter exporter, LongSupplier nanos) {
        this.exporter = exporter;
        this.nanos = nanos;
    }

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
        int count = spans.size();
        CompletableResultCode result = exporter.export(spans);
        result.whenComplete(() -> {
            if (!result.isSuccess()) {
                failed(count, result.getFailureThrowable());
            }
        });
        return result;
    }

    private synchronized void failed(int count, Throwable failure) {
        lost += count;
        long now = nanos.getAsLong();
        if (toldOnce && now - told < QUIET_NANOS) {
            return;
        }
        LOG.warn(
                "the collector of --traces does not take spans ({}), {} are lost since this was said last; nothing else is late"
                        + " for it",
                why(failure),
                lost);
        toldOnce = true;
        told = now;
        lost = 0;
    }

    private static String why(Throwable failure) {
        Throwable cause = failure == null || failure.getCause() == null ? failure : failure.getCause();
        return cause == null ? "no answer" : cause.getClass().getSimpleName();
    }

    @Override
    public CompletableResultCode flush() {
        return exporter.flush();
    }

    @Override
    public CompletableResultCode shutdown() {
        return exporter.shutdown();
    }
}
