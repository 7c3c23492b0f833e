package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ternion.TinyServer.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Forks from the command line to the workers. */
class ForksIT {
    @TempDir
    Path folder;

    private String wanted;

    private static final String SOURCE = TinyServer.fineTune("encoder", "original", 8)
            .replace("budget: {", "checkpoints: { everySteps: 3, keepLast: 3, keepAfterEnd: true }\n    budget: {");

    private static Result ok(Result result) {
        assertThat(result.code()).as(result.err()).isZero();
        return result;
    }

    private static String state(TinyServer server, String job) throws Exception {
        return ok(server.run("jobs", "get", job, "--output", "json"))
                .json()
                .path("state")
                .asText();
    }

    private static JsonNode checkpoints(TinyServer server) throws Exception {
        return ok(server.run("checkpoints", "list", "source", "--output", "json"))
                .json()
                .path("checkpoints");
    }

    private static String digest(TinyServer server, String job) throws Exception {
        return ok(server.run("jobs", "report", job, "--output", "json"))
                .json()
                .path("runs")
                .get(0)
                .path("digest")
                .asText();
    }

    @Test
    void aForkBeginsAtItsOwnCopy_whateverBecomesOfTheSource() throws Exception {
        try (TinyServer server = new TinyServer(folder).filled()) {
            ok(server.submit(SOURCE, "--job-id", "source", "--wait"));
            wanted = digest(server, "source");
            await().until(() -> checkpoints(server).size() == 1);
            assertThat(checkpoints(server).get(0).path("origin").asText()).isEqualTo("ORIGIN_FINAL");

            Result wrong = server.run("jobs", "fork", "source", "8", "--steps", "7");
            assertThat(wrong.code()).isEqualTo(3);
            assertThat(wrong.err()).contains("spec.fine_tune.budget.steps", "wanted at least 8");
            assertThat(server.run("jobs", "fork", "source", "7").err()).contains("CHECKPOINT_NOT_FOUND");
            assertThat(server.run("jobs", "fork", "none", "7").err()).contains("JOB_NOT_FOUND");
            ok(server.run("jobs", "fork", "source", "8", "--steps", "12", "--validate-only"));
            assertThat(Files.exists(folder.resolve("data/checkpoints/longer"))).isFalse();

            // The device is taken, so that neither fork has begun when its source goes.
            ok(server.submit(TinyServer.fineTune("encoder", "busy", 100_000), "--job-id", "busy"));
            await().until(() -> state(server, "busy").equals("STATE_RUNNING"));
            String request = UUID.randomUUID().toString();
            String[] same = {
                "jobs", "fork", "source", "8", "--job-id", "same", "--request-id", request, "--output", "json"
            };
            Result made = ok(server.run(same));
            assertThat(made.json().path("forkedFrom").asText()).isEqualTo("projects/default/jobs/source/checkpoints/8");
            ok(server.run("jobs", "fork", "source", "8", "--steps", "12", "--job-id", "longer"));
            assertThat(server.run("jobs", "fork", "source", "8", "--job-id", "same")
                            .err())
                    .contains("which job same will make");
            ok(server.run("jobs", "delete", "source"));
            assertThat(folder.resolve("data/checkpoints/source")).doesNotExist();
            assertThat(ok(server.run(same)).json().path("uid"))
                    .as("repeated")
                    .isEqualTo(made.json().path("uid"));
        }
        try (TinyServer server = new TinyServer(folder)) {
            ok(server.run("jobs", "cancel", "busy"));
            for (String fork : new String[] {"same", "longer"}) {
                await().until(() -> state(server, fork).equals("STATE_SUCCEEDED"));
            }
            assertThat(ok(server.run("jobs", "get", "longer", "--output", "json"))
                            .json()
                            .path("progress")
                            .path("step")
                            .asInt())
                    .isEqualTo(12);
            assertThat(digest(server, "same")).isEqualTo(wanted);
            assertThat(digest(server, "longer")).isNotEqualTo(wanted);
        }
    }

    @Test
    void aDamagedCheckpointIsNoBeginning() throws Exception {
        try (TinyServer server = new TinyServer(folder).filled()) {
            ok(server.submit(SOURCE, "--job-id", "source", "--wait"));
            Path file = folder.resolve("data/checkpoints/source/step-000000000008/training-0.safetensors");
            byte[] bytes = Files.readAllBytes(file);
            bytes[bytes.length - 1] ^= 1;
            Files.write(file, bytes);
            Result refused = server.run("jobs", "fork", "source", "8", "--job-id", "fork");
            assertThat(refused.err())
                    .contains("CHECKPOINT_CORRUPT", "training-0.safetensors: expected sha256")
                    .doesNotContain(folder.toString());
            assertThat(server.run("jobs", "get", "fork").err()).contains("JOB_NOT_FOUND");
            assertThat(folder.resolve("data/checkpoints/fork")).doesNotExist();
        }
    }
}
