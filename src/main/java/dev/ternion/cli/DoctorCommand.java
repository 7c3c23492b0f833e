package dev.ternion.cli;

import dev.ternion.api.v1.ListJobsRequest;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Checks the machine. */
@Command(
        name = "doctor",
        description = "Checks Java, engine, data folder, store, clock, port and server; says what to do.")
final class DoctorCommand implements Callable<Integer> {
    private static final int MIN_JAVA = 17;
    private static final int USUAL_PORT = 8080;

    private final Session session;

    @Option(
            names = "--data",
            defaultValue = "ternion-data",
            paramLabel = "DIR",
            description = "Data folder. Default: ternion-data.")
    private Path data;

    @Option(names = "--port", paramLabel = "PORT", description = "Port that a server is to have. Default: 8080.")
    private Integer port;

    @Option(
            names = "--database",
            paramLabel = "FILE",
            description = "Settings of a PostgreSQL database, as for `serve`. Default: jobs.db of the data folder.")
    private Path database;

    DoctorCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (port != null && (port < 1 || port > 65_535)) {
            throw new CliException(ExitCode.USAGE, "--port is " + port + "; wanted 1 to 65535");
        }
        Path folder = data.toAbsolutePath().normalize();
        List<Check> checks = new ArrayList<>();
        checks.add(java());
        checks.addAll(session.engine().doctor());
        checks.addAll(new FolderChecks(folder, FolderChecks.REAL, System::nanoTime).all());
        checks.add(
                database == null
                        ? session.folders().checkStore(folder)
                        : session.folders().checkDatabase(database));
        checks.add(new ClockCheck(Clock.systemUTC(), System::nanoTime, pause -> Thread.sleep(pause.toMillis()))
                .run(session.folders().newestEvent(folder)));
        checks.add(new PortCheck(this::answers).run(port == null ? USUAL_PORT : port, port != null));
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

    private boolean answers(int onPort) {
        ServerAddress local = new ServerAddress("127.0.0.1", onPort);
        try (Connection connection = new Connection(local, session.options().credentials())) {
            ask(connection);
            return true;
        } catch (StatusRuntimeException e) {
            return false;
        }
    }

    private static void ask(Connection connection) {
        connection
                .jobs()
                .withDeadlineAfter(3, TimeUnit.SECONDS)
                .listJobs(ListJobsRequest.newBuilder().setPageSize(1).build());
    }

    private Check server() {
        ServerAddress address = session.options().address();
        try (Connection connection = session.connect()) {
            ask(connection);
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
