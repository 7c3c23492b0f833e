package dev.ternion.worker;

import dev.ternion.jobs.Workers;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Workers as processes of this machine (Linux). They outlive the server, write to its standard error, and do not hear Ctrl-C in
 * the terminal that they share with it, nor a SIGTERM to all processes of a service: the server has them hand over.
 *
 * <p>When one has ended, another one is started in its stead and waits for the next attempt, warm. It ends with the server.
 */
public final class ProcessWorkers implements Workers, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ProcessWorkers.class);
    private static final String DETACHED = "trap '' INT HUP TERM; exec \"$0\" \"$@\" >&2";

    private final List<String> command;
    private final Set<String> secrets;
    private Optional<Process> spare = Optional.empty();
    private boolean closed;

    /**
     * @param command program and arguments; it reads its {@link Assignment} from standard input
     * @param secrets variables of the environment that are not for workers
     */
    public ProcessWorkers(List<String> command, Set<String> secrets) {
        this.command = List.copyOf(command);
        this.secrets = Set.copyOf(secrets);
    }

    @Override
    public Worker start(String jobId, int attempt, Runnable onExit) throws IOException {
        Assignment assignment = new Assignment(jobId, attempt);
        Process process = assign(assignment);
        process.onExit().thenAccept(ended -> {
            if (ended.exitValue() != 0) {
                LOG.warn("the worker of job {}, attempt {}, ended with status {}", jobId, attempt, ended.exitValue());
            }
            prepare();
            onExit.run();
        });
        return MachineProcess.of(process);
    }

    /** To the one that waits, or, when there is none or it has ended, to a new one. */
    private Process assign(Assignment assignment) throws IOException {
        Optional<Process> waiting = take();
        if (waiting.isPresent()) {
            try {
                assignment.write(waiting.get().getOutputStream());
                return waiting.get();
            } catch (IOException e) {
                LOG.warn(
                        "the worker that waited for a job had ended with status {}",
                        waiting.get().onExit().join().exitValue());
            }
        }
        Process process = launch();
        try {
            assignment.write(process.getOutputStream());
        } catch (IOException e) {
            LOG.debug("a worker has ended at once, and its exit is heard", e);
        }
        return process;
    }

    private synchronized Optional<Process> take() {
        Optional<Process> taken = spare;
        spare = Optional.empty();
        return taken;
    }

    private synchronized void prepare() {
        if (closed || spare.filter(Process::isAlive).isPresent()) {
            return;
        }
        try {
            spare = Optional.of(launch());
        } catch (IOException e) {
            LOG.warn("no worker waits for the next job, which starts one: {}", e.getMessage());
        }
    }

    private Process launch() throws IOException {
        List<String> all = new ArrayList<>(List.of("/bin/sh", "-c", DETACHED));
        all.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(all)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().keySet().removeAll(secrets);
        return builder.start();
    }

    @Override
    public Optional<Worker> find(String name) {
        return MachineProcess.find(name);
    }

    /** Ends the worker that waits; when this returns, it is gone from the data folder. */
    @Override
    public synchronized void close() {
        closed = true;
        take().ifPresent(waiting -> waiting.destroyForcibly().onExit().join());
    }
}
