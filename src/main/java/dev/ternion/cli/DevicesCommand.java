package dev.ternion.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Lists the devices of this machine. */
@Command(
        name = "devices",
        description = "Lists the devices of this machine that a job can name, and the libraries that CUDA needs.")
final class DevicesCommand implements Callable<Integer> {
    private final Session session;

    DevicesCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        List<Check> devices = session.engine().devices();
        Checks.show(session, devices, "devices");
        return Checks.exitCode(devices);
    }
}
