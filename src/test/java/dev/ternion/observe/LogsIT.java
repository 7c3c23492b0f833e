package dev.ternion.observe;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** A process that logs JSON logs nothing else; in a process of its own, as the log is one for all tests. */
class LogsIT {
    @Test
    void librariesAndFaultsOfThreadsAreLinesToo() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Program.class.getName())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        String text = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(text).isZero();
        List<JsonNode> lines = new ArrayList<>();
        for (String line : text.split("\n")) {
            lines.add(read(line));
        }
        assertThat(lines)
                .extracting(line ->
                        line.path("level").asText() + " " + line.path("message").asText())
                .containsExactly("INFO OURS", "WARN from a library: 7", "ERROR worse", "ERROR thread doomed ended");
        assertThat(lines.get(1).path("logger").asText()).isEqualTo("io.grpc.Something");
        assertThat(lines.get(2).path("exception").asText()).startsWith("java.lang.IllegalStateException: cause");
        assertThat(lines.get(3).path("exception").asText()).startsWith("java.lang.AssertionError: fault");
    }

    private static JsonNode read(String line) throws IOException {
        JsonNode json = new ObjectMapper().readTree(line);
        assertThat(json.isObject()).as(line).isTrue();
        return json;
    }

    /** Logs in all ways. */
    static final class Program {
        private Program() {}

        public static void main(String[] args) throws InterruptedException {
            Logs.useJson(text -> text.replace("ours", "OURS"));
            LoggerFactory.getLogger("dev.ternion.Ours").info("ours");
            Logger library = Logger.getLogger("io.grpc.Something");
            library.info("not wanted of libraries");
            library.log(Level.WARNING, "from a library: {0}", 7);
            library.log(Level.SEVERE, "worse", new IllegalStateException("cause"));
            Thread doomed = new Thread(
                    () -> {
                        throw new AssertionError("fault");
                    },
                    "doomed");
            doomed.start();
            doomed.join();
        }
    }
}
