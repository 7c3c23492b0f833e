package dev.ternion.observe;

import ch.qos.logback.classic.pattern.TargetLengthBasedClassNameAbbreviator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.function.UnaryOperator;

/** The log for people: time, level, logger and message in a line, then the stack trace where there is one. */
final class TextLog extends LineLog {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSXXX").withZone(ZoneId.systemDefault());
    private static final int LOGGER_LENGTH = 20;

    private final TargetLengthBasedClassNameAbbreviator loggers =
            new TargetLengthBasedClassNameAbbreviator(LOGGER_LENGTH);

    TextLog(UnaryOperator<String> redaction) {
        super(redaction);
    }

    @Override
    String text(ILoggingEvent event) {
        String line = TIME.format(Instant.ofEpochMilli(event.getTimeStamp()))
                + String.format(" %-5s ", event.getLevel())
                + loggers.abbreviate(event.getLoggerName())
                + " - "
                + redacted(event.getFormattedMessage())
                + "\n";
        return event.getThrowableProxy() == null
                ? line
                : line + redacted(ThrowableProxyUtil.asString(event.getThrowableProxy()));
    }
}
