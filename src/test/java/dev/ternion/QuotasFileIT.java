package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file of {@code serve --quotas} is what a server holds its callers to, and a server does not start on another. */
class QuotasFileIT {
    @TempDir
    Path folder;

    private TinyServer start(String json) throws IOException {
        Path file = Files.writeString(folder.resolve("quotas.json"), json);
        return new TinyServer(folder, Optional.empty(), Optional.of(file));
    }

    @Test
    void aServerHoldsToItsFile() throws Exception {
        assertThatThrownBy(() -> start("{\"default\": {\"waiting_jobs\": -1}}"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("quotas.json is no file of quotas: waiting_jobs is -1");
        try (TinyServer server = start("{\"callers\": {\"anyone\": {\"waiting_jobs\": 0}}}")) {
            server.filled();
            TinyServer.Result refused = server.submit(TinyServer.fineTune("encoder", "student", 3));
            assertThat(refused.code()).isEqualTo(4);
            assertThat(refused.err())
                    .contains("QUOTA_EXCEEDED: quota waiting_jobs of anyone is 0, and 0 jobs wait", "serve --quotas");
        }
    }

    @Test
    void itsSchedulerHoldsBackByItsFile() throws Exception {
        try (TinyServer server = start("{\"default\": {\"running_jobs\": 0}}")) {
            server.filled();
            TinyServer.Result waits =
                    server.submit(TinyServer.fineTune("encoder", "student", 3), "--job-id", "held-back");
            assertThat(waits.code()).as(waits.err()).isZero();
            assertThat(waits.json().path("stateReason").asText())
                    .isEqualTo("waiting for device cpu: held back by quota running_jobs of anyone: 0 of at most 0 jobs"
                            + " with a device");
        }
    }

    /** Of a caller who stores all of it. */
    private static String storedBytes(long limit) {
        return "{\"callers\": {\"anyone\": {\"stored_bytes\": " + limit + "}}}";
    }

    @Test
    void allThatACallerHasOnTheDiskCounts_alsoAfterARestart() throws Exception {
        String job = TinyServer.fineTune("encoder", "student", 3)
                .replace("budget: {", "checkpoints: { keepAfterEnd: true }\n    budget: {");
        try (TinyServer server = start("{}")) {
            server.filled();
            TinyServer.Result done = server.submit(job, "--job-id", "trains-it", "--wait");
            assertThat(done.code()).as(done.err()).isZero();
        }
        Path data = folder.resolve("data");
        long used = 0, checkpoints = Folders.size(data.resolve("checkpoints/trains-it"));
        for (String one : List.of("models/encoder", "models/student", "datasets/tiny-task")) {
            used += Folders.size(data.resolve(one));
        }
        assertThat(checkpoints).isGreaterThan(Folders.size(data.resolve("models/encoder")));
        used += checkpoints;
        try (TinyServer server = start(storedBytes(used))) {
            String full =
                    "QUOTA_EXCEEDED: quota stored_bytes of anyone is " + used + ", and " + used + " bytes are stored";
            assertThat(server.submit(TinyServer.evaluate("student")).err()).contains(full);
            assertThat(copy(server, "copy").err()).contains(full);
            TinyServer.Result deleted = server.run("jobs", "delete", "trains-it");
            assertThat(deleted.code()).as(deleted.err()).isZero();
            assertThat(copy(server, "copy").code())
                    .as("in the room of the checkpoints")
                    .isZero();
        }
    }

    @Test
    void manyImportsAtTheSameTimeStayWithinIt() throws Exception {
        start("{}").filled().close();
        Path models = folder.resolve("data/models");
        long size = Folders.size(models.resolve("encoder"));
        long limit = Folders.size(folder.resolve("data/datasets/tiny-task")) + 4 * size + size / 2;
        try (TinyServer server = start(storedBytes(limit))) {
            List<String> ids = IntStream.range(0, 8).mapToObj(i -> "copy-" + i).toList();
            ExecutorService clients = Executors.newFixedThreadPool(ids.size());
            List<Future<TinyServer.Result>> answers = clients.invokeAll(ids.stream()
                    .<Callable<TinyServer.Result>>map(id -> () -> copy(server, id))
                    .toList());
            clients.shutdown();
            List<String> wanted = new ArrayList<>(List.of("encoder"));
            for (int i = 0; i < ids.size(); i++) {
                TinyServer.Result answer = answers.get(i).get();
                if (answer.code() == 0) {
                    wanted.add(ids.get(i));
                } else {
                    assertThat(answer.err()).contains("QUOTA_EXCEEDED: quota stored_bytes of anyone is " + limit);
                }
            }
            assertThat(wanted).hasSize(4);
            try (var there = Files.list(models)) {
                assertThat(there.map(model -> model.getFileName().toString()))
                        .containsExactlyInAnyOrderElementsOf(wanted);
            }
        }
    }

    private static TinyServer.Result copy(TinyServer server, String id) {
        return server.run("models", "import", id, server.imports.resolve("hf").toString(), "--server-path");
    }
}
