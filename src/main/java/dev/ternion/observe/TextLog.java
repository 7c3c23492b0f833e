package dev.ternion.observe;

import ch.qos.logback.classic.pattern.TargetLengthBasedClassNameAbbreviator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.function.UnaryOperator;

/** The log for people: time, level, logger and message in a line, then the stack trace where there is one. */
final class TextLog extends EncoderBase<ILoggingEvent> {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSXXX").withZone(ZoneId.systemDefault());
    private static final int LOGGER_LENGTH = 20;
    private static final int LEVEL_LENGTH = 5;

    private final TargetLengthBasedClassNameAbbreviator loggers =
            new TargetLengthBasedClassNameAbbreviator(LOGGER_LENGTH);
    private final UnaryOperator<String> redaction;

    TextLog(UnaryOperator<String> redaction) {
        this.redaction = redaction;
    }

    @Override
    public byte[] headerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] footerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        String level = event.getLevel().toString();
        String text = " ".repeat(Math.max(0, LEVEL_LENGTH - level.length()))
                + " "
                + loggers.abbreviate(event.getLoggerName())
                + " - "
                + redaction.apply(event.getFormattedMessage())
                + "\n";
        if (event.getThrowableProxy() != null) {
            text += redaction.apply(ThrowableProxyUtil.asString(event.getThrowableProxy()));
        }
        return (TIME.format(Instant.ofEpochMilli(event.getTimeStamp())) + " " + level + text)
                .getBytes(StandardCharsets.UTF_8);
    }
}
