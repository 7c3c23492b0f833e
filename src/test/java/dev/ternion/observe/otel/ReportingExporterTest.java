package dev.ternion.observe.otel;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.io.IOException;
import java.net.ConnectException;
import java.util.Arrays;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Failures are told once a minute, counted, and without what the collector has said. */
class ReportingExporterTest {
    private final Logger log = (Logger) LoggerFactory.getLogger(ReportingExporter.class);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
    private CompletableResultCode next;
    private final ReportingExporter exporter = new ReportingExporter(new Scripted(), nanos::get);

    @BeforeEach
    void listen() {
        lines.start();
        log.addAppender(lines);
        log.setAdditive(false);
    }

    @AfterEach
    void leave() {
        log.detachAppender(lines);
        log.setAdditive(true);
    }

    @Test
    void onceAMinute() {
        next = CompletableResultCode.ofSuccess();
        exporter.export(spans(3));
        assertThat(lines.list).isEmpty();
        next = CompletableResultCode.ofExceptionalFailure(
                new IOException("said by it", new ConnectException("secret")));
        exporter.export(spans(3));
        assertThat(lines.list).hasSize(1);
        assertThat(text(0)).contains("(ConnectException)", "3 are lost").doesNotContain("said by it", "secret");
        for (int i = 0; i < 100; i++) {
            nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(599));
            exporter.export(spans(2));
        }
        assertThat(lines.list).hasSize(1);
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
        next = CompletableResultCode.ofFailure();
        exporter.export(spans(1));
        assertThat(lines.list).hasSize(2);
        assertThat(text(1)).contains("(no answer)", "201 are lost");
    }

    private String text(int line) {
        return lines.list.get(line).getFormattedMessage();
    }

    private static Collection<SpanData> spans(int count) {
        return Arrays.asList(new SpanData[count]);
    }

    private final class Scripted implements SpanExporter {
        @Override
        public CompletableResultCode export(Collection<SpanData> spans) {
            return next;
        }

        @Override
        public CompletableResultCode flush() {
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode shutdown() {
            return CompletableResultCode.ofSuccess();
        }
    }
}
