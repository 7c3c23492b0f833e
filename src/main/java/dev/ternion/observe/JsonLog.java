package dev.ternion.observe;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.function.UnaryOperator;

/**
 * The log as JSON, one object a line: {@code time} (UTC, milliseconds), {@code level}, {@code logger}, {@code thread}, {@code message}, and
 * where there is one {@code job}, {@code request} (the call's id) and {@code exception} (its stack trace).
 */
final class JsonLog extends LineLog {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final DateTimeFormatter TIME =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

    JsonLog(UnaryOperator<String> redaction) {
        super(redaction);
    }

    @Override
    String text(ILoggingEvent event) {
        ObjectNode line = JSON.createObjectNode()
                .put("time", TIME.format(Instant.ofEpochMilli(event.getTimeStamp())))
                .put("level", event.getLevel().toString())
                .put("logger", event.getLoggerName())
                .put("thread", event.getThreadName())
                .put("message", redacted(event.getFormattedMessage()));
        for (String key : new String[] {"job", "request"}) {
            String value = event.getMDCPropertyMap().get(key);
            if (value != null) {
                line.put(key, value);
            }
        }
        if (event.getThrowableProxy() != null) {
            line.put("exception", redacted(ThrowableProxyUtil.asString(event.getThrowableProxy())));
        }
        try {
            return JSON.writeValueAsString(line) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts can be written as JSON", e);
        }
    }
}
