package dev.ternion.observe;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Each entry of the log is one line and one JSON object, whatever it says. */
class JsonLogTest {
    private static final Instant TIME = Instant.parse("2026-11-27T23:00:00.120Z");

    @Test
    void anEntryHasItsFieldsAndNoOther() throws IOException {
        JsonNode line = line("job {} runs", new Object[] {"a"}, null, Map.of());
        assertThat(line.toString())
                .isEqualTo("{\"time\":\"2026-11-27T23:00:00.120Z\",\"level\":\"WARN\",\"logger\":\"dev.ternion.X\","
                        + "\"thread\":\"worker\",\"message\":\"job a runs\"}");
    }

    @Test
    void jobAndRequestAreTold() throws IOException {
        JsonNode line = line("x", null, null, Map.of("job", "a", "request", "r-1", "secret", "s"));
        assertThat(line.path("job").asText()).isEqualTo("a");
        assertThat(line.path("request").asText()).isEqualTo("r-1");
        assertThat(line.has("secret")).isFalse();
    }

    @Test
    void anExceptionIsOneField() throws IOException {
        JsonNode line = line("x", null, new IOException("outer", new IllegalStateException("in\nner")), Map.of());
        assertThat(line.path("exception").asText())
                .contains("java.io.IOException: outer", "\tat ", "Caused by: java.lang.IllegalStateException: in\nner");
    }

    @Test
    void keysAreLeftOutOfMessagesAndExceptions() throws IOException {
        JsonNode line =
                line("saw {}", new Object[] {"KEY"}, new IOException("outer KEY", new IOException("KEY")), Map.of());
        assertThat(line.toString()).contains("saw ***", "outer ***").doesNotContain("KEY");
    }

    @Test
    void noTextBreaksALine() throws IOException {
        for (String text : new String[] {"a\nb\r\n", "\"quoted\" \\", "tab\t\u0000\u001b[31m", "\u2028é漢😀", "{}"}) {
            assertThat(message(text)).isEqualTo(text);
        }
        assertThat(message("half \ud83d of a sign")).isEqualTo("half ? of a sign");
    }

    private static String message(String text) throws IOException {
        return line("{}", new Object[] {text}, null, Map.of("job", text))
                .path("message")
                .asText();
    }

    private static JsonNode line(String message, Object[] arguments, Throwable fault, Map<String, String> context)
            throws IOException {
        LoggerContext loggers = new LoggerContext();
        LoggingEvent event =
                new LoggingEvent("", loggers.getLogger("dev.ternion.X"), Level.WARN, message, fault, arguments);
        event.setInstant(TIME);
        event.setThreadName("worker");
        event.setMDCPropertyMap(context);
        String text =
                new String(new JsonLog(secret -> secret.replace("KEY", "***")).encode(event), StandardCharsets.UTF_8);
        assertThat(text).endsWith("}\n");
        assertThat(text.substring(0, text.length() - 1)).doesNotContain("\n", "\r");
        return new ObjectMapper().readTree(text);
    }
}
