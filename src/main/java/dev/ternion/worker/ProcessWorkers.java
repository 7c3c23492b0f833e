package dev.ternion.worker;

import dev.ternion.jobs.Workers;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Workers as processes of this machine (Linux). They outlive the server, write to its standard error, and do not hear Ctrl-C in
 * the terminal that they share with it, nor a SIGTERM to all processes of a service: the server has them hand over.
 */
public final class ProcessWorkers implements Workers {
    private static final Logger LOG = LoggerFactory.getLogger(ProcessWorkers.class);
    private static final String DETACHED = "trap '' INT HUP TERM; exec \"$0\" \"$@\" >&2";

    private final List<String> command;
    private final Set<String> secrets;

    /**
     * @param command program and arguments; {@code --job ID --attempt N} is added
     * @param secrets variables of the environment that are not for workers
     */
    public ProcessWorkers(List<String> command, Set<String> secrets) {
        this.command = List.copyOf(command);
        this.secrets = Set.copyOf(secrets);
    }

    @Override
    public Worker start(String jobId, int attempt, Runnable onExit) throws IOException {
        List<String> all = new ArrayList<>(List.of("/bin/sh", "-c", DETACHED));
        all.addAll(command);
        all.addAll(List.of("--job", jobId, "--attempt", String.valueOf(attempt)));
        ProcessBuilder builder = new ProcessBuilder(all)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().keySet().removeAll(secrets);
        Process process = builder.start();
        process.onExit().thenAccept(ended -> {
            if (ended.exitValue() != 0) {
                LOG.warn("the worker of job {}, attempt {}, ended with status {}", jobId, attempt, ended.exitValue());
            }
            onExit.run();
        });
        return new MachineProcess(process.toHandle(), MachineProcess.name(process.pid()));
    }

    @Override
    public Optional<Worker> find(String name) {
        long pid = MachineProcess.pid(name);
        return ProcessHandle.of(pid)
                .map(handle -> (Worker) new MachineProcess(handle, name))
                .filter(Worker::isAlive);
    }

    /**
     * A process of this machine.
     *
     * @param name process id, time of its start in ticks since the boot, and the boot: neither clocks that are set nor ids that are
     *     used again can mix two up
     */
    private record MachineProcess(ProcessHandle handle, String name) implements Worker {
        private static final int STATE = 0, START = 19;

        static String name(long pid) {
            List<String> stat = stat(pid);
            return pid + "-" + (stat.isEmpty() ? "" : stat.get(START)) + "-" + boot();
        }

        static long pid(String name) {
            return Long.parseLong(name.substring(0, name.indexOf('-')));
        }

        @Override
        public boolean isAlive() {
            List<String> stat = stat(handle.pid());
            return !stat.isEmpty()
                    && !stat.get(STATE).equals("Z")
                    && !stat.get(STATE).equals("X")
                    && name(handle.pid()).equals(name);
        }

        @Override
        public void kill() {
            if (isAlive()) {
                handle.destroyForcibly();
            }
        }

        /** Fields of /proc/PID/stat from the state on; empty if there is no such process. */
        private static List<String> stat(long pid) {
            try {
                String line = Files.readString(Path.of("/proc", String.valueOf(pid), "stat"));
                return List.of(line.substring(line.lastIndexOf(')') + 2).split(" "));
            } catch (IOException e) {
                return List.of();
            }
        }

        private static String boot() {
            try {
                return Files.readString(Path.of("/proc/sys/kernel/random/boot_id"))
                        .substring(0, 8);
            } catch (IOException e) {
                return "";
            }
        }
    }
}
