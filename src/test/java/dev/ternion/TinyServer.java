package dev.ternion;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ternion.cli.Cli;
import dev.ternion.cli.ServeOptions;
import dev.ternion.cli.ServeSecurity;
import dev.ternion.data.Example;
import dev.ternion.recipe.TinyWorkspace;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The real server on a free port and the real command line in front of it. */
final class TinyServer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    final Path data;
    final Path imports;
    private final Path files;
    private final LocalServer server;

    /** What a command answered. */
    record Result(int code, String out, String err) {
        JsonNode json() throws IOException {
            return JSON.readTree(out);
        }
    }

    TinyServer(Path root) throws IOException {
        this(root, Optional.empty());
    }

    /** @param traces collector of spans */
    TinyServer(Path root, Optional<URI> traces) throws IOException {
        this(root, traces, Optional.empty());
    }

    /**
     * The same.
     *
     * @param quotas file of quotas
     */
    TinyServer(Path root, Optional<URI> traces, Optional<Path> quotas) throws IOException {
        data = root.resolve("data");
        imports = Files.createDirectories(root.resolve("imports"));
        files = Files.createDirectories(root.resolve("files"));
        server = LocalServer.start(new ServeOptions(
                data,
                "127.0.0.1",
                0,
                1,
                List.of(imports),
                10,
                ServeSecurity.NONE,
                Optional.of(new ServeOptions.MetricsAddress("127.0.0.1", 0)),
                false,
                Optional.empty(),
                traces,
                quotas,
                Optional.empty()));
    }

    /** Of the metrics. */
    URI metrics() {
        return URI.create("http://127.0.0.1:" + server.metricsPort().getAsInt() + "/metrics");
    }

    String address() {
        return "127.0.0.1:" + server.port();
    }

    /** Runs a command as typed after {@code bin/ternion}. */
    Result run(String... args) {
        List<String> all = new ArrayList<>(Arrays.asList(args));
        all.addAll(List.of("--server", address()));
        return cli(all.toArray(String[]::new));
    }

    static Result cli(String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(), err = new ByteArrayOutputStream();
        int code = Cli.run(
                args,
                new LocalLauncher(),
                new LocalEngine(),
                new LocalFolders(),
                new LocalAccess(Clock.systemUTC()),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        return new Result(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** Submits a job file and follows the job to its end. */
    Result submit(String yaml, String... more) throws IOException {
        Path file = Files.writeString(files.resolve("job.yaml"), yaml);
        List<String> args = new ArrayList<>(List.of("jobs", "submit", "-f", file.toString()));
        args.addAll(Arrays.asList(more));
        return run(args.toArray(String[]::new));
    }

    /** Imports the tiny encoder by path and the tiny task by upload. */
    TinyServer filled() throws IOException {
        TinyWorkspace.writeEncoder(imports.resolve("hf"));
        require(run("models", "import", "encoder", imports.resolve("hf").toString(), "--server-path"));
        Path train = table("train.tsv", 20, 0), eval = table("eval.tsv", 12, 1000);
        require(run(
                "datasets",
                "import",
                "tiny-task",
                train.toString(),
                eval.toString(),
                "--text",
                "sentence",
                "--label",
                "verdict"));
        return this;
    }

    private static void require(Result result) {
        if (result.code() != 0) {
            throw new AssertionError(result.toString());
        }
    }

    private Path table(String name, int rows, int first) throws IOException {
        List<String> lines = new ArrayList<>(List.of("sentence\tverdict"));
        for (Example e : TinyWorkspace.sentences(rows, first, "bad", "good")) {
            lines.add(e.textA() + "\t" + (e.label() == 0 ? "negative" : "positive"));
        }
        return Files.write(files.resolve(name), lines);
    }

    Path file(String name) {
        return files.resolve(name);
    }

    static String fineTune(String model, String output, int steps) {
        return """
            spec:
              fineTune:
                model: %s
                data: { dataset: tiny-task, maxLength: 10, padding: MASKED }
                budget: { batchSize: 8, steps: %d }
                optimizer: { kind: ADAMW, learningRate: 3e-3 }
                outputModel: %s
            """.formatted(model, steps, output);
    }

    static String qat(String teacher, String output, int steps) {
        return """
            displayName: two arms
            spec:
              qat:
                teacher: %s
                data: { dataset: tiny-task, maxLength: 10, padding: MASKED }
                budget: { batchSize: 8, steps: %d, evalEvery: 4 }
                arms:
                  - name: control
                    losses: { preset: ternarybert }
                    optimizer: { learningRate: 1e-3 }
                  - name: ti-g
                    schedule: { kind: GRADUAL, steps: 4 }
                    optimizer: { learningRate: 1e-3 }
                seeds: [1, 2]
                outputModel: %s
            """.formatted(teacher, steps, output);
    }

    static String evaluate(String model) {
        return """
            spec:
              evaluate:
                model: %s
                data: { dataset: tiny-task, maxLength: 10, padding: MASKED }
                batchSize: 8
            """.formatted(model);
    }

    @Override
    public void close() {
        server.close();
    }
}
