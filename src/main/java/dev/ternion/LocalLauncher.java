package dev.ternion;

import dev.ternion.backend.BackendException;
import dev.ternion.backend.Backends;
import dev.ternion.backend.Device;
import dev.ternion.cli.Check;
import dev.ternion.cli.Launcher;
import dev.ternion.cli.RunningServer;
import dev.ternion.cli.ServeOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Starts servers in this process and checks the engine. */
final class LocalLauncher implements Launcher {
    @Override
    public RunningServer start(ServeOptions options) throws StartException {
        try {
            return LocalServer.start(options);
        } catch (IOException | BackendException e) {
            throw new StartException(e.getMessage(), e);
        }
    }

    @Override
    public List<Check> doctor() {
        List<Check> checks = new ArrayList<>();
        try (Device device = Backends.open("cpu", 1)) {
            checks.add(Check.ok("native library", device.description()));
            String best = device.description();
            checks.add(
                    best.contains("AVX")
                            ? Check.ok("CPU features", best)
                            : Check.warn("CPU features", best, "training is slow without AVX2; use another machine"));
        } catch (BackendException e) {
            checks.add(Check.fail("native library", e.getMessage(), "run ./mvnw package, then try again"));
        }
        return checks;
    }
}
