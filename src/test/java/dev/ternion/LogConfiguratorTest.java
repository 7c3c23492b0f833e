package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import dev.ternion.api.SecretShapes;
import java.nio.charset.StandardCharsets;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

/** The log as Logback sets it up for every process. */
class LogConfiguratorTest {
    private final LoggerContext context = new LoggerContext();

    LogConfiguratorTest() {
        ServiceLoader.load(Configurator.class).findFirst().orElseThrow().configure(context);
    }

    @Test
    void keysAndTokens_areLeftOutOfMessagesAndExceptions() {
        for (String token : SecretShapes.all()) {
            var failure = new IllegalStateException("outer " + token, new IllegalArgumentException("inner " + token));
            String text = text("saw {}", failure, token);
            SecretShapes.assertGone(text, token);
            assertThat(text).contains("saw ", "outer ", "inner ", "LogConfiguratorTest.java");
        }
    }

    @Test
    void anEntryIsALineForPeople() {
        assertThat(text("{} is {}", null, "a", 1))
                .matches(
                        "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}(Z|[+-]\\d\\d:\\d\\d) INFO  d\\.t\\.LocalServer - a is 1\n");
    }

    @Test
    void librariesAreHeardFromWarningsOn() {
        assertThat(context.getLogger("io.grpc").isInfoEnabled()).isFalse();
        assertThat(context.getLogger("io.grpc").isWarnEnabled()).isTrue();
        assertThat(context.getLogger("ai.djl").isWarnEnabled()).isFalse();
        assertThat(context.getLogger("dev.ternion.jobs").isInfoEnabled()).isTrue();
    }

    private String text(String message, Throwable failure, Object... arguments) {
        var stderr = (ConsoleAppender<ILoggingEvent>)
                context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender("stderr");
        Logger logger = context.getLogger("dev.ternion.LocalServer");
        var event = new LoggingEvent("", logger, Level.INFO, message, failure, arguments);
        return new String(stderr.getEncoder().encode(event), StandardCharsets.UTF_8);
    }
}
