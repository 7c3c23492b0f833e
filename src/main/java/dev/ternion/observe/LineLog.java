package dev.ternion.observe;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.EncoderBase;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;

/** A log without anything before its first entry or after its last, and without keys and tokens. */
abstract class LineLog extends EncoderBase<ILoggingEvent> {
    private final UnaryOperator<String> redaction;

    /** @param redaction takes keys and tokens out of a text */
    LineLog(UnaryOperator<String> redaction) {
        this.redaction = redaction;
    }

    /** All of an entry, with the end of its last line. */
    abstract String text(ILoggingEvent event);

    String redacted(String text) {
        return redaction.apply(text);
    }

    @Override
    public final byte[] encode(ILoggingEvent event) {
        return text(event).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public final byte[] headerBytes() {
        return new byte[0];
    }

    @Override
    public final byte[] footerBytes() {
        return new byte[0];
    }
}
