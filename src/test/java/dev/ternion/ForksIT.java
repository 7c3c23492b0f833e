package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ternion.TinyServer.Result;
import dev.ternion.recipe.TinyWorkspace;
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

    /** The other model is put there by hand, as when the wrong backup is restored. */
    @Test
    void onAnotherModelAJobFails_andAForkGoesOnWhenTheOldOneIsBack() throws Exception {
        try (TinyServer server = new TinyServer(folder).filled()) {
            ok(server.submit(TinyServer.fineTune("encoder", "never", 1_000_000), "--job-id", "source"));
            await().until(() -> state(server, "source").equals("STATE_RUNNING"));
            ok(server.run("jobs", "pause", "source"));
            await().until(() -> state(server, "source").equals("STATE_PAUSED"));
            Path encoder = folder.resolve("data/models/encoder");
            Path kept = Files.move(encoder, folder.resolve("kept"));
            Path hf = folder.resolve("imports/hf");
            byte[] weights = Files.readAllBytes(hf.resolve("model.safetensors"));
            weights[weights.length - 4] ^= 1;
            Files.write(hf.resolve("model.safetensors"), weights);
            ok(server.run("models", "import", "encoder", hf.toString()));

            ok(server.run("jobs", "resume", "source"));
            await().until(() -> state(server, "source").equals("STATE_FAILED"));
            JsonNode error = ok(server.run("jobs", "get", "source", "--output", "json"))
                    .json()
                    .path("error");
            long step = checkpoints(server).get(0).path("jobStep").asLong();
            assertThat(error.toString()).contains("SOURCES_CHANGED", " then, ");
            assertThat(error.path("message").asText())
                    .contains("models/encoder is not what it was when checkpoint " + step)
                    .doesNotContain("datasets/");

            Folders.remove(encoder);
            Files.move(kept, encoder);
        }
        // Which removes what is not needed.
        try (TinyServer server = new TinyServer(folder)) {
            long step = checkpoints(server).get(0).path("jobStep").asLong();
            String more = Long.toString(step + 2);
            ok(server.run("jobs", "fork", "source", Long.toString(step), "--job-id", "again", "--steps", more));
            await().until(() -> state(server, "again").equals("STATE_SUCCEEDED"));
            ok(server.run("jobs", "delete", "source"));
            assertThat(folder.resolve("data/checkpoints/source")).doesNotExist();
        }
    }

    /** A fork begins with what its source has noted. */
    @Test
    void onAnotherModelAForkFails() throws Exception {
        try (TinyServer server = new TinyServer(folder).filled()) {
            ok(server.submit(SOURCE, "--job-id", "source", "--wait"));
            Path noted = folder.resolve("data/models/encoder/manifest.json");
            String vocabulary = TinyWorkspace.sha256(folder.resolve("data/models/encoder/vocab.txt"));
            Files.writeString(noted, Files.readString(noted).replace(vocabulary, "0".repeat(64)));
            ok(server.run("jobs", "fork", "source", "8", "--job-id", "other"));
            await().until(() -> state(server, "other").equals("STATE_FAILED"));
            assertThat(server.run("jobs", "get", "other", "--output", "json").out())
                    .contains("SOURCES_CHANGED");
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
