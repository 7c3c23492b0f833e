package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ternion.TinyServer.Result;
import dev.ternion.recipe.TinyWorkspace;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user sees when something is wrong, on the real server through the real command line. */
class ServerFailuresIT {
    @TempDir
    static Path folder;

    private static TinyServer server;

    @BeforeAll
    static void start() throws Exception {
        server = new TinyServer(folder).filled();
        Result result = server.submit(TinyServer.fineTune("encoder", "teacher", 4), "--wait");
        assertThat(result.code()).as(result.err()).isZero();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String id(JsonNode job) {
        return job.path("name").asText().replaceAll(".*/", "");
    }

    private static JsonNode get(String job) throws IOException {
        return server.run("jobs", "get", job).json();
    }

    @Test
    void wrongFields_areListedAllAtOnce_andNothingIsQueued() throws Exception {
        int before = server.run("jobs", "list").json().path("jobs").size();
        Result result = server.submit("""
            spec:
              qat:
                teacher: teacher
                data: { dataset: tiny-task, maxLength: 2, padding: MASKED }
                budget: { batchSize: -1, steps: 4 }
                dropout: 1.5
                seeds: [1, 1]
                arms:
                  - name: NotAllowed
                    optimizer: { learningRate: -1 }
                  - name: fixed
                    schedule: { kind: FIXED, steps: 2 }
                    losses: { preset: no-such }
            """);
        assertThat(result.code()).isEqualTo(3);
        assertThat(result.out()).isEmpty();
        assertThat(result.err())
                .contains(
                        "spec.qat.data.max_length",
                        "spec.qat.budget.batch_size",
                        "spec.qat.dropout",
                        "spec.qat.seeds",
                        "spec.qat.arms[0].name",
                        "spec.qat.arms[0].optimizer.learning_rate",
                        "spec.qat.arms[1].schedule.fixed_site",
                        "spec.qat.arms[1].losses.preset");
        assertThat(server.run("jobs", "list").json().path("jobs")).hasSize(before);
    }

    @Test
    void missingResources_areListedTogether() throws Exception {
        String yaml = TinyServer.qat("nobody", "student", 8).replace("tiny-task", "nothing");
        Result result = server.submit(yaml);
        assertThat(result.code()).isEqualTo(3);
        assertThat(result.err()).contains("spec.qat.teacher", "nobody", "spec.qat.data.dataset", "nothing");
    }

    @Test
    void encoderAsTeacher_isRefusedWithAdvice() throws Exception {
        Result result = server.submit(TinyServer.qat("encoder", "student", 8));
        assertThat(result.code()).isEqualTo(3);
        assertThat(result.err()).contains("spec.qat.teacher", "fine-tune");
    }

    @Test
    void badRows_areNumbered_andNothingIsStored() throws Exception {
        Path table = Files.write(
                server.file("bad.tsv"),
                List.of("sentence\tverdict", "good film\tpositive", "bad film", "odd film\tnegative\tmore"));
        Result result = server.run(
                "datasets", "import", "broken", table.toString(), "--text", "sentence", "--label", "verdict");
        assertThat(result.code()).isEqualTo(3);
        assertThat(result.err()).contains("rows[3]", "rows[4]");
        assertThat(server.data.resolve("datasets/broken")).doesNotExist();
    }

    @Test
    void cancelledJob_stopsAndLeavesNoModel() throws Exception {
        String yaml = TinyServer.qat("teacher", "endless", 100_000);
        String job = id(server.submit(yaml).json());
        while (get(job).at("/progress/stepsDone").asInt(0) < 1
                && !get(job).path("state").asText().equals("STATE_RUNNING")) {
            Thread.onSpinWait();
        }
        Result cancel = server.run("jobs", "cancel", job);
        assertThat(cancel.code()).isZero();
        assertThat(cancel.json().path("state").asText()).isIn("STATE_CANCELLING", "STATE_CANCELLED");
        Result watched = server.run("jobs", "watch", job);
        assertThat(watched.code()).isEqualTo(1);
        assertThat(watched.err()).contains("CANCELLED");
        assertThat(get(job).path("state").asText()).isEqualTo("STATE_CANCELLED");
        assertThat(server.run("jobs", "report", job).code()).isEqualTo(2);
        try (var models = Files.list(server.data.resolve("models"))) {
            assertThat(models.map(path -> path.getFileName().toString())).noneMatch(name -> name.contains("endless"));
        }
    }

    @Test
    void divergingJob_failsWithTheReason() throws Exception {
        Path source = TinyWorkspace.writeEncoder(folder.resolve("imports/nan"));
        poison(source.resolve("model.safetensors"), "encoder.layer.0.attention.self.key.weight");
        Result imported = server.run("models", "import", "poisoned", source.toString(), "--server-path");
        assertThat(imported.code()).as(imported.err()).isZero();
        Result result = server.submit(TinyServer.fineTune("poisoned", "never", 4), "--wait");
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).contains("FAILED", "LOSS_NOT_FINITE", "ground_truth", "step 0");
        JsonNode job = result.json();
        assertThat(job.path("state").asText()).isEqualTo("STATE_FAILED");
        assertThat(job.at("/error/details").toString()).contains("LOSS_NOT_FINITE", "loss_part", "ground_truth");
        assertThat(server.data.resolve("models/never")).doesNotExist();
        assertThat(server.submit(TinyServer.evaluate("teacher"), "--wait").code())
                .as("the next job runs")
                .isZero();
    }

    /** Writes NaN over the first value of a tensor; the header is JSON with byte offsets. */
    private static void poison(Path file, String tensor) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int header = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        String json = new String(bytes, 8, header, StandardCharsets.UTF_8);
        int offset = new com.fasterxml.jackson.databind.ObjectMapper()
                .readTree(json)
                .path(tensor)
                .at("/data_offsets/0")
                .asInt();
        ByteBuffer nan = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(0, Float.NaN);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(nan, 8L + header + offset);
        }
    }

    @Test
    void damagedModel_failsWithFileAndAdvice() throws Exception {
        Path weights = server.data.resolve("models/victim/model.safetensors");
        assertThat(server.run(
                                "models",
                                "import",
                                "victim",
                                folder.resolve("imports/hf").toString())
                        .code())
                .isZero();
        byte[] bytes = Files.readAllBytes(weights);
        Files.write(weights, Arrays.copyOf(bytes, bytes.length / 2));
        Result result = server.submit(TinyServer.fineTune("victim", "never", 4), "--wait");
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).contains("MODEL_READ", "model.safetensors");
    }

    /** Facts are told from the manifest; only the job reads rows. */
    @Test
    void damagedRows_failTheJob_andTheFactsAreStillTold() throws Exception {
        Path rows = server.data.resolve("datasets/tiny-task/eval.jsonl");
        byte[] before = Files.readAllBytes(rows);
        String told = server.run("datasets", "list").out();
        Files.write(rows, Arrays.copyOf(before, before.length / 2));
        try {
            assertThat(server.run("datasets", "list").out()).isEqualTo(told);
            Result result = server.submit(TinyServer.evaluate("teacher"), "--wait");
            assertThat(result.code()).isEqualTo(1);
            assertThat(result.err()).contains("DATA_READ", "eval.jsonl", "import");
        } finally {
            Files.write(rows, before);
        }
    }

    @Test
    void damagedFacts_areToldWithAdvice() throws Exception {
        Path facts = server.data.resolve("datasets/tiny-task/dataset.json");
        String before = Files.readString(facts);
        Files.writeString(facts, before.replace("\"CLASSIFICATION\"", "\"SOMETHING\""));
        try {
            Result result = server.submit(TinyServer.fineTune("encoder", "never", 4));
            assertThat(result.code()).isEqualTo(2);
            assertThat(result.out()).isEmpty();
            assertThat(result.err()).contains("DATASET_CORRUPT", "dataset.json", "SOMETHING", "remove its folder");
            Result list = server.run("datasets", "list");
            assertThat(list.code()).isZero();
            assertThat(list.err()).contains("tiny-task cannot be read");
        } finally {
            Files.writeString(facts, before);
        }
    }

    @Test
    void secondServerOnTheFolder_isRefused() {
        Result result = TinyServer.cli("serve", "--data", server.data.toString(), "--port", "0");
        assertThat(result.code()).isEqualTo(4);
        assertThat(result.err()).contains("cannot start", server.data.toString());
        assertThat(server.run("jobs", "list").code()).isZero();
    }

    @Test
    void noServer_exits4WithAdvice() {
        Result result = TinyServer.cli("jobs", "list", "--server", "127.0.0.1:1");
        assertThat(result.code()).isEqualTo(4);
        assertThat(result.err()).contains("127.0.0.1:1", "bin/ternion serve");
    }

    /** A server that stops gives its running job back to the queue and frees the folder; the next one starts the job again. */
    @Test
    void stoppedServer_keepsItsJob_andFreesTheFolder() throws Exception {
        Path root = Files.createDirectory(folder.resolve("second"));
        TinyServer first = new TinyServer(root).filled();
        String job;
        try (first) {
            Result submitted = first.submit(TinyServer.fineTune("encoder", "endless", 1_000_000));
            assertThat(submitted.code()).isZero();
            job = submitted.json().path("name").asText();
            await().until(() -> state(first, job).equals("STATE_RUNNING"));
        }
        assertThat(root.resolve("data/models/endless")).doesNotExist();
        try (TinyServer again = new TinyServer(root)) {
            assertThat(again.run("models", "list").out()).contains("/encoder");
            await().until(() -> state(again, job).equals("STATE_RUNNING"));
            assertThat(again.run("jobs", "cancel", job).code()).isZero();
            await().until(() -> state(again, job).equals("STATE_CANCELLED"));
        }
    }

    private static String state(TinyServer of, String job) throws IOException {
        return of.run("jobs", "get", job).json().path("state").asText();
    }
}
