package dev.ternion;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.pattern.CompositeConverter;
import dev.ternion.api.Secrets;

/** The word {@code %redacted(…)} of logback.xml: what is in it, without keys and tokens. */
public final class RedactedLog extends CompositeConverter<ILoggingEvent> {
    @Override
    protected String transform(ILoggingEvent event, String text) {
        return Secrets.redact(text);
    }
}
