package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.TinyServer.Result;
import dev.ternion.recipe.TinyWorkspace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients are told what is wrong in which file, never where the server keeps it. */
class ClientMessagesIT {
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

    /** Runs a body while a file of the data folder is cut in half. */
    private static void whileDamaged(String name, Body body) throws Exception {
        Path file = server.data.resolve(name);
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length / 2));
        try {
            body.run();
        } finally {
            Files.write(file, whole);
        }
    }

    private interface Body {
        void run() throws Exception;
    }

    private static void assertTold(Result result, String... names) {
        assertThat(result.code()).isNotZero();
        String echo = "(Uploading|Importing) .*\n";
        assertThat(result.out() + result.err().replaceFirst(echo, ""))
                .contains(names)
                .doesNotContain(folder.toString());
    }

    private static void assertJobFails(String yaml, String... names) throws Exception {
        Result failed = server.submit(yaml, "--wait");
        assertTold(failed, names);
        assertThat(failed.json().at("/error/message").asText()).contains(names);
        String job = failed.json().path("name").asText();
        assertTold(server.run("jobs", "watch", job), names);
        Result shown = server.run("jobs", "get", job);
        assertThat(shown.out()).contains(names).doesNotContain(folder.toString());
    }

    @Test
    void failedJobs_nameTheFileInTheDataFolder() throws Exception {
        String evaluate = TinyServer.evaluate("teacher");
        for (String name : new String[] {"models/teacher/model.safetensors", "datasets/tiny-task/eval.jsonl"}) {
            whileDamaged(name, () -> assertJobFails(evaluate, name));
        }
        Path vocabulary = server.data.resolve("models/teacher/vocab.txt");
        byte[] whole = Files.readAllBytes(vocabulary);
        Files.delete(vocabulary);
        try {
            assertJobFails(evaluate, "model teacher", "models/teacher/vocab.txt");
        } finally {
            Files.write(vocabulary, whole);
        }
    }

    @Test
    void damagedFacts_nameTheFileInTheDataFolder() throws Exception {
        whileDamaged("datasets/tiny-task/dataset.json", () -> {
            assertTold(server.submit(TinyServer.evaluate("teacher")), "datasets/tiny-task/dataset.json");
        });
    }

    @Test
    void refusedModels_nameTheFileThatWasSent() throws Exception {
        Path broken = TinyWorkspace.writeEncoder(server.imports.resolve("broken"));
        Files.writeString(broken.resolve("config.json"), "{");
        assertTold(server.run("models", "import", "broken", broken.toString()), "MODEL_INVALID", "model config.json:");
        assertTold(
                server.run("models", "import", "broken", broken.toString(), "--server-path"),
                "MODEL_INVALID",
                "model config.json:");
        Files.delete(broken.resolve("model.safetensors"));
        assertTold(server.run("models", "import", "broken", broken.toString()), "model folder: weights:");
        Path onnx = Files.writeString(server.imports.resolve("broken.onnx"), "no graph");
        assertTold(server.run("models", "import", "broken", onnx.toString()), "model broken.onnx: tokenizer:");
    }

    @Test
    void refusedData_nameTheFileThatWasSent() throws Exception {
        Path glue = Files.createDirectory(server.imports.resolve("glue"));
        Files.writeString(glue.resolve("train.tsv"), "x\t1\t\ta sentence\n");
        assertTold(
                server.run("datasets", "import", "glue", glue.toString(), "--glue", "CoLA"),
                "DATASET_INVALID",
                "dev.tsv: no such file");
    }
}
