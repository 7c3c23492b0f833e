package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ternion.api.v1.Job;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server with {@code --log-format json} writes nothing to stderr that is not a line of JSON. */
class JsonLogIT {
    private static final Set<String> FIELDS =
            Set.of("time", "level", "logger", "thread", "message", "job", "request", "exception");

    @TempDir
    Path folder;

    @Test
    void everyLineIsAnObjectAndTellsJobAndException() throws Exception {
        new TinyServer(folder).filled().close();
        Path data = folder.resolve("data");
        Path stdout = folder.resolve("stdout"), stderr = Files.createFile(folder.resolve("stderr"));
        String[] json = {"sh", "-c", "exec \"$@\" --log-format json >" + stdout, "sh"};
        try (ServerProcess server = new ServerProcess(data, stderr, Map.of(), json)) {
            Files.writeString(data.resolve("models/encoder/model.safetensors"), "damaged");
            GoldenFolder.create(server, "broken", KilledServerIT.fineTune(3));
            GoldenFolder.awaitState(server, "broken", Job.State.STATE_FAILED);
            assertThat(server.stop()).isZero();
        }
        List<JsonNode> lines = read(stderr);
        assertThat(lines).anySatisfy(line -> {
            assertThat(line.path("message").asText()).startsWith("Ternion serves at 127.0.0.1:");
            assertThat(line.has("job")).isFalse();
        });
        assertThat(lines).anySatisfy(line -> {
            assertThat(line.path("message").asText()).startsWith("job broken runs");
            assertThat(line.path("job").asText()).isEqualTo("broken");
            assertThat(line.path("level").asText()).isEqualTo("INFO");
            assertThat(line.path("logger").asText()).isEqualTo("dev.ternion.worker.Attempt");
        });
        assertThat(lines).anySatisfy(line -> {
            assertThat(line.path("job").asText()).isEqualTo("broken");
            assertThat(line.path("exception").asText()).contains("\n\tat dev.ternion.");
        });
        assertThat(new ObjectMapper().readTree(stdout.toFile()).path("pid").asLong())
                .isPositive();
    }

    private static List<JsonNode> read(Path log) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String text : Files.readAllLines(log)) {
            JsonNode line = new ObjectMapper().readTree(text);
            assertThat(line.isObject()).as(text).isTrue();
            line.fieldNames().forEachRemaining(name -> assertThat(FIELDS).contains(name));
            assertThat(Instant.parse(line.path("time").asText())).isAfter(Instant.parse("2026-01-01T00:00:00Z"));
            assertThat(line.path("message").isTextual()).as(text).isTrue();
            lines.add(line);
        }
        return lines;
    }
}
