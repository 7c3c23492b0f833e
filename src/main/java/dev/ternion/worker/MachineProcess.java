package dev.ternion.worker;

import dev.ternion.jobs.Workers.Worker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A process of this machine.
 *
 * @param name process id, time of its start in ticks since the boot, and the boot: neither clocks that are set nor ids that are
 *     used again can mix two up
 */
record MachineProcess(ProcessHandle handle, String name) implements Worker {
    private static final int STATE = 0, START = 19;

    /** One that is there. */
    static MachineProcess of(Process process) {
        return new MachineProcess(process.toHandle(), name(process.pid()));
    }

    /** By its name. */
    static Optional<Worker> find(String name) {
        long pid = Long.parseLong(name.substring(0, name.indexOf('-')));
        return ProcessHandle.of(pid)
                .map(handle -> (Worker) new MachineProcess(handle, name))
                .filter(Worker::isAlive);
    }

    private static String name(long pid) {
        List<String> stat = stat(pid);
        return pid + "-" + (stat.isEmpty() ? "" : stat.get(START)) + "-" + boot();
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
            return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).substring(0, 8);
        } catch (IOException e) {
            return "";
        }
    }
}
