package dev.ternion.cli;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** One attempt at a job; started by the server. */
@Command(name = "worker", description = "Runs one attempt at a job; started by the server.", hidden = true)
final class WorkerCommand implements Callable<Integer> {
    private final Session session;

    @Option(names = "--data", required = true, paramLabel = "DIR", description = "Data folder of the server.")
    private Path data;

    @Option(names = "--threads", required = true, paramLabel = "N", description = "Compute threads.")
    private int threads;

    @Option(names = "--json-log", description = "Each line of the log is a JSON object.")
    private boolean jsonLog;

    @Option(names = "--traces", paramLabel = "URL", description = "Collector of spans.")
    private URI traces;

    WorkerCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws InterruptedException {
        session.launcher().work(data, threads, jsonLog, Optional.ofNullable(traces));
        return ExitCode.OK;
    }
}
