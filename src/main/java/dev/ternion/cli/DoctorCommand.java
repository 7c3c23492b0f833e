package dev.ternion.cli;

import dev.ternion.api.v1.ListJobsRequest;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Checks the machine. */
@Command(name = "doctor", description = "Checks Java, engine, data folder and server; says what to do.")
final class DoctorCommand implements Callable<Integer> {
    private static final int MIN_JAVA = 17;
    private static final long GIB = 1L << 30;
    private static final long WANTED_FREE = 2 * GIB;

    private final Session session;

    @Option(
            names = "--data",
            defaultValue = "ternion-data",
            paramLabel = "DIR",
            description = "Data folder. Default: ternion-data.")
    private Path data;

    DoctorCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        List<Check> checks = new ArrayList<>();
        checks.add(java());
        checks.addAll(session.engine().doctor());
        checks.add(dataFolder(data.toAbsolutePath().normalize()));
        checks.add(server());
        Checks.show(session, checks, "checks");
        return Checks.exitCode(checks);
    }

    private static Check java() {
        int version = Runtime.version().feature();
        String detail = System.getProperty("java.vm.name") + " " + Runtime.version();
        return version >= MIN_JAVA
                ? Check.ok("Java", detail)
                : Check.fail("Java", detail, "Install JDK " + MIN_JAVA + " or newer, or set JAVA_HOME.");
    }

    private static Check dataFolder(Path folder) {
        Path there = folder;
        while (there != null && !Files.exists(there)) {
            there = there.getParent();
        }
        try {
            if (there == null || !Files.isDirectory(there)) {
                return Check.fail("data folder", there + " is no folder", "Choose another with --data DIR.");
            }
            Files.delete(Files.createTempFile(there, "ternion-doctor", ".tmp"));
            long free = Files.getFileStore(there).getUsableSpace();
            String detail = folder + (there.equals(folder) ? "" : " (will be made)") + ", "
                    + String.format("%.1f GiB free", (double) free / GIB);
            return free >= WANTED_FREE
                    ? Check.ok("data folder", detail)
                    : Check.warn("data folder", detail, "Free some disk space: BERT-base jobs store about 1 GiB each.");
        } catch (IOException e) {
            return Check.fail("data folder", there + " is not writable: " + e, "Choose another with --data DIR.");
        }
    }

    private Check server() {
        ServerAddress address = session.options().address();
        try (Connection connection = session.connect()) {
            connection
                    .jobs()
                    .withDeadlineAfter(3, TimeUnit.SECONDS)
                    .listJobs(ListJobsRequest.newBuilder().setPageSize(1).build());
            return Check.ok("server", "answers at " + address);
        } catch (StatusRuntimeException e) {
            RpcError error = RpcError.of(e, address);
            String advice = "Start one with `bin/ternion serve`, or name another with --server HOST:PORT.";
            return session.options().serverNamed() || error.exitCode() != ExitCode.UNAVAILABLE
                    ? Check.fail("server", error.lines().get(0), advice)
                    : Check.warn("server", error.lines().get(0), advice);
        }
    }
}
