package dev.ternion.cli;

import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A real gRPC server on a loopback port with scripted services, and a command line that talks to it. */
final class FakeServer implements AutoCloseable {
    /**
     * What a command did.
     *
     * @param code exit code
     * @param out stdout
     * @param err stderr
     */
    record Result(int code, String out, String err) {}

    final FakeJobs jobs = new FakeJobs();
    final FakeTelemetry telemetry = new FakeTelemetry();
    final FakeStores stores = new FakeStores();
    private final Server server;

    FakeServer() throws IOException {
        server = Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
                .addService(jobs)
                .addService(telemetry.metrics)
                .addService(telemetry.logs)
                .addService(stores.models)
                .addService(stores.datasets)
                .addService(stores.artifacts)
                .build()
                .start();
    }

    String address() {
        return "127.0.0.1:" + server.getPort();
    }

    /** Runs a command against this server. */
    Result run(String... args) {
        return run(Terminal.NONE, args);
    }

    Result run(Terminal terminal, String... args) {
        List<String> all = new ArrayList<>(List.of(args));
        all.add("--server");
        all.add(address());
        return run(new NoLauncher(), terminal, all.toArray(String[]::new));
    }

    /** Runs a command as it is. */
    static Result run(Launcher launcher, Terminal terminal, String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = Cli.run(
                args,
                launcher,
                new FakeEngine(),
                new FakeFolders(),
                new FakeAccess(),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                terminal);
        return new Result(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        server.shutdownNow();
    }

    /** Cannot start servers. */
    static final class NoLauncher implements Launcher {
        @Override
        public RunningServer start(ServeOptions options) throws StartException {
            throw new StartException("another server has the folder " + options.dataFolder(), null);
        }

        @Override
        public void work(Path dataFolder, int threads, boolean jsonLog, Optional<URI> traces) {
            throw new AssertionError("no test runs a worker");
        }
    }
}
