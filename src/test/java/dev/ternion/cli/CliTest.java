package dev.ternion.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ternion.cli.FakeServer.NoLauncher;
import dev.ternion.cli.FakeServer.Result;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CliTest {
    @TempDir
    private Path folder;

    @Test
    void wrongUseExitsWith2AndStdoutStaysEmpty() {
        for (List<String> args : List.of(
                List.<String>of(),
                List.of("fly"),
                List.of("jobs"),
                List.of("jobs", "submit"),
                List.of("jobs", "submit", "-f", "x", "--timeout", "soon"),
                List.of("jobs", "list", "--server", "nowhere"),
                List.of("serve", "--port", "70000"),
                List.of("models", "import", "mine", "/no/such/file"),
                List.of("quickstart", "--steps", "1"))) {
            Result result = run(args.toArray(String[]::new));
            assertThat(result.code()).as("%s", args).isEqualTo(ExitCode.USAGE);
            assertThat(result.out()).as("%s", args).isEmpty();
            assertThat(result.err()).as("%s", args).isNotBlank();
        }
    }

    @Test
    void theHelpListsCommandsAndExitCodes() {
        Result result = run("--help");

        assertThat(result.code()).isZero();
        assertThat(result.out())
                .contains("serve", "quickstart", "models", "datasets", "jobs", "doctor")
                .contains("TERNION_SERVER")
                .containsPattern("130 +interrupted while following");
    }

    @Test
    void aServerThatCannotStartSaysWhy() {
        Result result = run("serve", "--data", folder.toString());

        assertThat(result.code()).isEqualTo(ExitCode.UNAVAILABLE);
        assertThat(result.err()).contains("The server cannot start: another server has the folder " + folder);
    }

    @Test
    void serveTellsItsAddressAndWritesItDown() throws IOException {
        AtomicReference<ServeOptions> seen = new AtomicReference<>();
        AtomicReference<String> written = new AtomicReference<>();

        Result result = FakeServer.run(
                new FinishedServer(folder, seen, written),
                Terminal.NONE,
                "serve",
                "--data",
                folder.toString(),
                "--port",
                "0",
                "--threads",
                "2",
                "--import-root",
                "/a",
                "--import-root",
                "/b",
                "--objects",
                "s3://bucket",
                "--objects-endpoint",
                "https://host",
                "--traces",
                "http://collector:4318",
                "--quotas",
                "quotas.json",
                "--database",
                "database.json");

        assertThat(result.code()).isZero();
        assertThat(seen.get())
                .isEqualTo(new ServeOptions(
                        folder,
                        "127.0.0.1",
                        0,
                        2,
                        List.of(Path.of("/a"), Path.of("/b")),
                        100,
                        ServeSecurity.NONE,
                        Optional.empty(),
                        false,
                        Optional.of(new ServeOptions.BucketAddress("s3://bucket", "https://host")),
                        Optional.of(URI.create("http://collector:4318/v1/traces")),
                        Optional.of(Path.of("quotas.json")),
                        Optional.of(Path.of("database.json"))));
        assertThat(new ObjectMapper().readTree(result.out()).path("address").asText())
                .isEqualTo("127.0.0.1:4711");
        assertThat(written.get()).isEqualTo("127.0.0.1:4711\n");
        assertThat(AddressFile.read(folder)).isEmpty();
    }

    @Test
    void doctorPrintsEveryCheckAndFailsWithAnyFail() throws IOException {
        Result result = run("doctor", "--data", folder.toString(), "--server", "127.0.0.1:1");

        assertThat(result.code()).isEqualTo(ExitCode.JOB_FAILED);
        assertThat(result.err())
                .contains(
                        "OK    Java:",
                        "OK    native library: loaded",
                        "WARN  CPU features: SSE2",
                        "-> Use another CPU.")
                .contains("data folder: " + folder, "FAIL  server: No server reached at 127.0.0.1:1")
                .contains("disk sync: fsync took", "OK    permissions: rwx------", "OK    store: sound", "clock: 20")
                .contains("port 8080: ");
        assertThat(new ObjectMapper().readTree(result.out()).path("checks")).hasSize(10);
        assertThat(run("doctor", "--port", "0").code()).isEqualTo(ExitCode.USAGE);
        assertThat(run("doctor", "--data", folder.toString(), "--database", "db.json")
                        .err())
                .contains("OK    store: database of db.json");
    }

    @Test
    void devicesAreListedAndMissingCudaIsNoFailure() throws IOException {
        Result result = run("devices");
        assertThat(result.code()).isZero();
        assertThat(result.err()).contains("OK    cpu: cpu SSE2, 1 thread", "WARN  cuda: no driver", "-> Install one.");
        assertThat(new ObjectMapper().readTree(result.out()).path("devices")).hasSize(2);
    }

    @Test
    void conformanceEndsWithAVerdictAndFailsWithAnyComparison() throws IOException {
        Result good = run("conformance");
        assertThat(good.code()).isZero();
        assertThat(good.err()).endsWith("conformance cuda:0: 1 comparisons, 0 failed\n");
        Result bad = run("conformance", "--device", "cuda:1");
        assertThat(bad.code()).isEqualTo(ExitCode.JOB_FAILED);
        assertThat(bad.err())
                .contains("FAIL  Gelu, big, gradient of x: 3.1e-2; wanted 2e-5", "OK    Add: 1 equal or close, 0 not")
                .endsWith("conformance cuda:1: 2 comparisons, 1 failed\n");
        assertThat(new ObjectMapper().readTree(bad.out()).path("verdict").asText())
                .isEqualTo("failed");
        Result none = run("conformance", "--device", "cuda:9");
        assertThat(none.code()).isEqualTo(ExitCode.USAGE);
        assertThat(none.err()).contains("this machine has 1");
    }

    @Test
    void benchPrintsEveryRowAndRefusesWhatItCannotTime() throws IOException {
        Result result = run("bench", "gemm", "--device", "cuda:0", "--repeats", "3", "--json");
        assertThat(result.code()).isZero();
        assertThat(result.err()).contains("repeats 3");
        assertThat(new ObjectMapper()
                        .readTree(result.out())
                        .path(0)
                        .path("part")
                        .asText())
                .isEqualTo("gemm");
        assertThat(run("bench", "softmax").err()).contains("softmax", "STEP, GEMM, ATTENTION, OPTIMIZER");
        assertThat(run("bench", "gemm", "--repeats", "0").err()).contains("--repeats is 0; wanted 1 to 1000");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "::", "192.168.1.7", "10.0.0.1", "fe80::1", "203.0.113.9"})
    void anAddressThatOthersReachIsRefusedUnlessInsecureIsSpelledOut(String host) throws Exception {
        FinishedServer server = new FinishedServer(folder, new AtomicReference<>(), new AtomicReference<>());
        Result refused = FakeServer.run(server, Terminal.NONE, "serve", "--host", host);
        assertThat(refused.code()).isEqualTo(ExitCode.USAGE);
        assertThat(refused.err()).contains(host, "without TLS and authentication", "127.0.0.1", "--insecure");
        assertThat(server.seen()).hasValue(null);
        Result allowed = FakeServer.run(server, Terminal.NONE, "serve", "--host", host, "--insecure");
        assertThat(allowed.code()).isZero();
        assertThat(allowed.err()).contains("INSECURE at ", "a server without TLS and authentication");
        assertThat(server.seen().get().host()).isEqualTo(host);
    }

    @Test
    void metricsAreServedOnLoopbackAndOnlyWhenAskedFor() throws IOException {
        FinishedServer server = new FinishedServer(folder, new AtomicReference<>(), new AtomicReference<>());
        Result result = FakeServer.run(server, Terminal.NONE, "serve", "--metrics-port", "0");
        assertThat(server.seen().get().metrics()).contains(new ServeOptions.MetricsAddress("127.0.0.1", 0));
        assertThat(result.err()).contains("Metrics for Prometheus at http://127.0.0.1:9091/metrics");
        assertThat(new ObjectMapper().readTree(result.out()).path("metrics").asText())
                .isEqualTo("http://127.0.0.1:9091/metrics");
        FakeServer.run(server, Terminal.NONE, "serve", "--metrics-port", "9091", "--metrics-host", "::");
        assertThat(server.seen().get().metrics()).contains(new ServeOptions.MetricsAddress("::", 9091));
        Result without = FakeServer.run(server, Terminal.NONE, "serve");
        assertThat(server.seen().get().metrics()).isEmpty();
        assertThat(without.err()).doesNotContain("Metrics");
        assertThat(run("serve", "--metrics-port", "65536").code()).isEqualTo(ExitCode.USAGE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1", "localhost", "127.8.9.10"})
    void loopbackNeedsNoWord(String host) {
        FinishedServer server = new FinishedServer(folder, new AtomicReference<>(), new AtomicReference<>());
        Result result = FakeServer.run(server, Terminal.NONE, "serve", "--host", host);
        assertThat(result.code()).isZero();
        assertThat(result.err()).doesNotContain("INSECURE");
    }

    @Test
    void backupAndRestoreTellWhatTheyDidAndFailWithoutATrace() throws IOException {
        Result backup = run(
                "backup",
                "--data",
                folder.toString(),
                "--to",
                folder.resolve("b.tar").toString());
        assertThat(backup.code()).isZero();
        assertThat(backup.err())
                .contains("WARN: the data folder lacks models/gone (job a)", "2 models, 1 data sets, 7 files, 1.5 MB");
        assertThat(new ObjectMapper()
                        .readTree(backup.out())
                        .path("lacks")
                        .path(0)
                        .asText())
                .isEqualTo("models/gone (job a)");
        Result restore = run("restore", "--from", folder.resolve("b.tar").toString(), "--data", folder.toString());
        assertThat(restore.code()).isZero();
        assertThat(restore.err()).contains("as of 2026-11-27T23:00:00Z, 7 files", "bin/ternion serve --data " + folder);
        Path damaged = folder.resolve("damaged");
        for (Result failed : List.of(
                run("backup", "--data", damaged.toString(), "--to", "x"),
                run("restore", "--from", damaged.toString(), "--data", "x"))) {
            assertThat(failed.code()).isEqualTo(ExitCode.JOB_FAILED);
            assertThat(failed.err()).contains(damaged + " is damaged");
            assertThat(failed.out()).isEmpty();
        }
        assertThat(run("restore", "--data", "x").code()).isEqualTo(ExitCode.USAGE);
    }

    private static Result run(String... args) {
        return FakeServer.run(new NoLauncher(), Terminal.NONE, args);
    }

    /** Starts a server that ends at once. */
    private record FinishedServer(Path folder, AtomicReference<ServeOptions> seen, AtomicReference<String> written)
            implements Launcher {
        @Override
        public RunningServer start(ServeOptions options) {
            seen.set(options);
            return new RunningServer() {
                @Override
                public int port() {
                    return 4711;
                }

                @Override
                public OptionalInt metricsPort() {
                    return options.metrics().isPresent() ? OptionalInt.of(9091) : OptionalInt.empty();
                }

                @Override
                public Path dataFolder() {
                    return folder;
                }

                @Override
                public void halt(int status) {
                    throw new AssertionError("nothing told this process to end");
                }

                @Override
                public void awaitTermination() {
                    try {
                        written.set(Files.readString(folder.resolve("server.address")));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }

                @Override
                public void close() {}
            };
        }

        @Override
        public void work(Path dataFolder, int threads, boolean jsonLog, Optional<URI> traces) {
            throw new AssertionError("this launcher starts servers only");
        }
    }
}
