package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import dev.ternion.api.SecretShapes;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The server's log, as logback.xml makes it. */
class RedactedLogTest {
    @Test
    void keysAndTokens_areLeftOutOfMessagesAndExceptions() throws Exception {
        LoggerContext context = new LoggerContext();
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(RedactedLogTest.class.getResource("/logback.xml"));
        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        var appender = (ConsoleAppender<ILoggingEvent>) root.getAppender("stderr");
        for (String token : SecretShapes.all()) {
            var failure = new IllegalStateException("outer " + token, new IllegalArgumentException("inner " + token));
            var event = new LoggingEvent("", root, Level.INFO, "saw {}", failure, new Object[] {token});
            String line = new String(appender.getEncoder().encode(event), StandardCharsets.UTF_8);
            SecretShapes.assertGone(line, token);
            assertThat(line).contains("saw ", "outer ", "inner ", "RedactedLogTest.java");
        }
    }
}
