package dev.ternion;

import dev.ternion.backend.BackendException;
import dev.ternion.cli.Launcher;
import dev.ternion.cli.RunningServer;
import dev.ternion.cli.ServeOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/** Starts servers and workers in this process. */
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
    public void work(Path dataFolder, int threads, boolean jsonLog, Optional<URI> traces) throws InterruptedException {
        LocalWorker.run(dataFolder, threads, jsonLog, traces);
    }
}
