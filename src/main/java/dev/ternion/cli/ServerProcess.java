package dev.ternion.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A server in a process of its own: Ctrl-C in the terminal does not reach it. */
final class ServerProcess implements AutoCloseable {
    private static final long START_SECONDS = 60;
    private static final long STOP_SECONDS = 20;
    private static final long POLL_MS = 50;
    private static final int LOG_LINES = 15;

    private final Process process;
    private final Path log;
    private final ServerAddress address;
    private volatile boolean kept;

    private ServerProcess(Process process, Path log, ServerAddress address) {
        this.process = process;
        this.log = log;
        this.address = address;
    }

    /** Starts a server on a free loopback port and waits until it serves. */
    static ServerProcess start(Path dataFolder, Path importRoot) throws IOException, InterruptedException {
        Path log = dataFolder.resolve("server.log");
        ProcessBuilder builder = new ProcessBuilder(
                Home.script().toString(),
                "serve",
                "--data",
                dataFolder.toString(),
                "--port",
                "0",
                "--import-root",
                importRoot.toString());
        builder.environment().put("TERNION_DETACHED", "1");
        builder.redirectErrorStream(true);
        builder.redirectOutput(log.toFile());
        Process process = builder.start();
        process.getOutputStream().close();
        try {
            ServerProcess server = new ServerProcess(process, log, await(process, dataFolder, log));
            Runtime.getRuntime().addShutdownHook(new Thread(server::close, "stop-quickstart-server"));
            return server;
        } catch (IOException | InterruptedException | RuntimeException e) {
            process.destroy();
            throw e;
        }
    }

    private static ServerAddress await(Process process, Path dataFolder, Path log)
            throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (System.nanoTime() < end && process.isAlive()) {
            Optional<ServerAddress> address = AddressFile.read(dataFolder);
            if (address.isPresent()) {
                return address.get();
            }
            Thread.sleep(POLL_MS);
        }
        List<String> lines = Files.readAllLines(log);
        throw new CliException(
                ExitCode.UNAVAILABLE,
                "the server " + (process.isAlive() ? "did not start in " + START_SECONDS + " s" : "ended at once")
                        + "; the end of " + log + ":\n"
                        + String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size())));
    }

    /** Where it listens. */
    ServerAddress address() {
        return address;
    }

    /** Process id. */
    long pid() {
        return process.pid();
    }

    /** Its output. */
    Path log() {
        return log;
    }

    /** Folder of its data. */
    Path dataFolder() {
        return log.getParent();
    }

    /** From now on the server outlives this process. */
    void keep() {
        kept = true;
    }

    /** From now on the server ends with this process. */
    void own() {
        kept = false;
    }

    /** How to stop a server that was left running. */
    String leftRunning() {
        return "The server runs on at " + address + "; stop it with: kill " + pid();
    }

    /** Stops it, unless it is to be kept. */
    @Override
    public void close() {
        if (kept || !process.isAlive()) {
            return;
        }
        process.destroy();
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
