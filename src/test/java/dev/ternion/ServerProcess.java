package dev.ternion;

import dev.ternion.api.ResourceNames;
import dev.ternion.api.v1.GetJobRequest;
import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.JobServiceGrpc;
import dev.ternion.api.v1.ModelServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server in a process of its own, to be killed. */
final class ServerProcess implements AutoCloseable {
    private static final Duration START = Duration.ofMinutes(3);
    private static final Pattern PORT = Pattern.compile("port ([0-9]+)\n");

    private final Path data;
    private final Process process;
    private final int port;
    private final ManagedChannel channel;
    private boolean spared;

    /** Returns when it answers. */
    ServerProcess(Path data, Path log) throws Exception {
        this(data, log, Map.of());
    }

    /**
     * The same.
     *
     * @param environment more of it
     * @param before words before the command, such as a shell that sets limits and then runs it
     */
    ServerProcess(Path data, Path log, Map<String, String> environment, String... before) throws Exception {
        this(data, log, environment, List.of(before), List.of());
    }

    /** One with more options of `serve`. */
    static ServerProcess with(Path data, Path log, String... options) throws Exception {
        return new ServerProcess(data, log, Map.of(), List.of(), List.of(options));
    }

    /** One with more of the environment and more options. */
    static ServerProcess with(Path data, Path log, Map<String, String> environment, String... options)
            throws Exception {
        return new ServerProcess(data, log, environment, List.of(), List.of(options));
    }

    private ServerProcess(
            Path data, Path log, Map<String, String> environment, List<String> before, List<String> options)
            throws Exception {
        this.data = data;
        Files.deleteIfExists(data.resolve("server.txt"));
        List<String> command = new ArrayList<>(before);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-Xshare:auto",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.ternion.Main",
                "serve",
                "--data",
                data.toString(),
                "--port",
                "0",
                "--threads",
                "1"));
        command.addAll(options);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        process = builder.start();
        port = awaitPort(data.resolve("server.txt"), log);
        channel = connect();
    }

    private int awaitPort(Path file, Path log) throws Exception {
        Instant end = Instant.now().plus(START);
        while (Instant.now().isBefore(end)) {
            Matcher port = PORT.matcher(Files.exists(file) ? Files.readString(file) : "");
            if (port.find()) {
                return Integer.parseInt(port.group(1));
            }
            if (!process.isAlive()) {
                throw new IOException("the server ended: " + Files.readString(log));
            }
            Thread.sleep(5);
        }
        process.destroyForcibly();
        throw new IOException("the server did not start in " + START + ": " + Files.readString(log));
    }

    /** A connection of its own, to be shut down by the caller. */
    ManagedChannel connect() {
        return ManagedChannelBuilder.forAddress("127.0.0.1", port)
                .usePlaintext()
                .build();
    }

    long pid() {
        return process.pid();
    }

    JobServiceGrpc.JobServiceBlockingStub jobs() {
        return patient().withDeadlineAfter(1, TimeUnit.MINUTES);
    }

    /** For very many calls: they end when the server says so, or is gone. */
    JobServiceGrpc.JobServiceBlockingStub patient() {
        return JobServiceGrpc.newBlockingStub(channel);
    }

    ModelServiceGrpc.ModelServiceBlockingStub models() {
        return ModelServiceGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
    }

    /** A job as it stands. */
    Job job(String id) {
        return jobs().getJob(GetJobRequest.newBuilder()
                .setName(ResourceNames.JOB.name(id))
                .build());
    }

    /** Its exit status, when it ends by itself within {@code limit}. */
    int awaitEnd(Duration limit) throws Exception {
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("the server still runs after " + limit);
        }
        channel.shutdownNow();
        return process.exitValue();
    }

    /** SIGKILL to the server and to what it has started, as if the machine had lost its power. */
    void kill() throws InterruptedException {
        killAlone();
        spared = false;
        started().forEach(ProcessHandle::destroyForcibly);
        started().forEach(worker -> worker.onExit().join());
    }

    /** SIGKILL to the server; a worker lives on. */
    void killAlone() throws InterruptedException {
        process.destroyForcibly().waitFor();
        channel.shutdownNow();
        spared = true;
    }

    /** The workers of this data folder that have a job, also those that an earlier server has started. */
    List<ProcessHandle> workers() {
        return started().stream()
                .filter(worker -> !Set.of("", "java", "sh", LocalWorker.WAITS).contains(name(worker)))
                .toList();
    }

    /** The worker that has rehearsed and waits for a job. */
    Optional<ProcessHandle> waiting() {
        return started().stream()
                .filter(worker -> name(worker).equals(LocalWorker.WAITS))
                .findFirst();
    }

    private List<ProcessHandle> started() {
        return ProcessHandle.allProcesses().filter(this::isStarted).toList();
    }

    private boolean isStarted(ProcessHandle found) {
        List<String> words = List.of(read(found, "cmdline").split("\0"));
        return words.contains("worker") && words.contains(data.toString());
    }

    private static String name(ProcessHandle process) {
        return read(process, "comm").strip();
    }

    private static String read(ProcessHandle process, String file) {
        try {
            return Files.readString(Path.of("/proc/" + process.pid(), file));
        } catch (IOException e) {
            return ""; // it has ended
        }
    }

    /** SIGTERM; the exit status. */
    int stop() throws InterruptedException {
        process.destroy();
        process.waitFor(2, TimeUnit.MINUTES);
        channel.shutdownNow();
        return process.exitValue();
    }

    /** Kills what is left, but for workers that were spared. */
    @Override
    public void close() throws InterruptedException {
        if (!spared) {
            kill();
        }
    }
}
