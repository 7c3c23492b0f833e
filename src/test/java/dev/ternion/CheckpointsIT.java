package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ternion.TinyServer.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints from the command line to the disk: policy, list, pin, verify, delete, restart, and what stays at the end. */
class CheckpointsIT {
    @TempDir
    Path folder;

    private static List<Long> steps(TinyServer server, String job) throws IOException {
        Result list = server.run("checkpoints", "list", job, "--output", "json");
        assertThat(list.code()).as(list.err()).isZero();
        return StreamSupport.stream(list.json().path("checkpoints").spliterator(), false)
                .map(checkpoint -> checkpoint.path("jobStep").asLong())
                .toList();
    }

    private static String ok(Result result) {
        assertThat(result.code()).as(result.err()).isZero();
        return result.err();
    }

    @Test
    void areListedVerifiedAndPinned_andPinsOutliveRestartAndJob() throws Exception {
        String spec = TinyServer.fineTune("encoder", "taught", 100_000)
                .replace("budget: {", "checkpoints: { everySteps: 5, keepLast: 3, keepAfterEnd: true }\n    budget: {");
        try (TinyServer server = new TinyServer(folder).filled()) {
            ok(server.submit(spec, "--job-id", "long"));
            await().until(() -> steps(server, "long").size() >= 3);
            JsonNode asked = server.run("checkpoints", "create", "long", "--output", "json")
                    .json();
            assertThat(asked.path("origin").asText()).isEqualTo("ORIGIN_MANUAL");
            String kept = asked.path("jobStep").asText();
            await("it stays, with the newest three")
                    .untilAsserted(
                            () -> assertThat(steps(server, "long")).hasSize(4).startsWith(Long.parseLong(kept)));
            assertThat(ok(server.run("checkpoints", "verify", "long", kept))).contains("is intact");
            ok(server.run("jobs", "pause", "long"));
            await().until(() -> server.run("jobs", "get", "long", "--output", "json")
                    .json()
                    .path("state")
                    .asText()
                    .equals("STATE_PAUSED"));
            ok(server.run("checkpoints", "delete", "long", kept));
            List<Long> steps = steps(server, "long");
            assertThat(steps).hasSize(3);
            assertThat(steps.get(0) % 5).isZero();
            String first = String.valueOf(steps.get(0)), last = String.valueOf(steps.get(2));
            JsonNode told = server.run("checkpoints", "list", "long", "--output", "json")
                    .json()
                    .path("checkpoints");
            assertThat(told.get(0).path("origin").asText()).isEqualTo("ORIGIN_PERIODIC");
            assertThat(told.get(2).path("origin").asText()).isEqualTo("ORIGIN_PREEMPT");
            assertThat(told.get(2).path("name").asText()).isEqualTo("projects/default/jobs/long/checkpoints/" + last);
            assertThat(told.get(2).path("seed").asLong()).isEqualTo(42);
            assertThat(told.get(2).path("files"))
                    .map(file -> file.path("name").asText())
                    .containsExactly(
                            "about.json",
                            "predictions.safetensors",
                            "sources.json",
                            "state.json",
                            "training-0.safetensors");

            assertThat(ok(server.run("checkpoints", "verify", "long"))).contains("Checkpoint " + first + " is intact");
            Result needed = server.run("checkpoints", "delete", "long", last);
            assertThat(needed.code()).isNotZero();
            assertThat(needed.err()).contains("CHECKPOINT_IN_USE");
            ok(server.run("checkpoints", "pin", "long", first));
            assertThat(server.run("checkpoints", "delete", "long", first).err()).contains("CHECKPOINT_PINNED");
            flip(folder.resolve(
                    String.format("data/checkpoints/long/step-%012d/predictions.safetensors", steps.get(1))));
            Result damaged = server.run("checkpoints", "verify", "long", String.valueOf(steps.get(1)));
            assertThat(damaged.code()).isEqualTo(1);
            assertThat(damaged.err())
                    .contains("CHECKPOINT_CORRUPT", "predictions.safetensors: expected sha256 ", ", got ")
                    .doesNotContain(folder.toString());
        }
        try (TinyServer server = new TinyServer(folder)) {
            assertThat(steps(server, "long")).hasSize(3);
            long last = steps(server, "long").get(2),
                    first = steps(server, "long").get(0);
            ok(server.run("jobs", "cancel", "long"));
            await().until(() -> steps(server, "long").size() < 3);
            assertThat(steps(server, "long"))
                    .as("pinned, and the newest after the end")
                    .containsExactly(first, last);
            assertThat(server.run("jobs", "delete", "long").err()).contains("CHECKPOINT_PINNED");
            ok(server.run("checkpoints", "unpin", "long", String.valueOf(first)));
            ok(server.run("checkpoints", "delete", "long", String.valueOf(first)));
            assertThat(steps(server, "long")).containsExactly(last);
            ok(server.run("jobs", "delete", "long"));
            assertThat(folder.resolve("data/checkpoints/long")).doesNotExist();
            assertThat(server.run("checkpoints", "list", "long").err()).contains("JOB_NOT_FOUND");
        }
    }

    private static void flip(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 4;
        Files.write(file, bytes);
    }
}
