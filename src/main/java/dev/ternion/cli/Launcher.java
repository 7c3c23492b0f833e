package dev.ternion.cli;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/** Starts servers and workers; given by the composition root. */
public interface Launcher {
    /**
     * Starts a server in this process.
     *
     * @throws StartException if the folder is in use or not writable, or the port is taken
     */
    RunningServer start(ServeOptions options) throws StartException;

    /**
     * Runs one attempt at a job in this process, for the server that has the data folder and tells on standard input which one.
     *
     * @param threads compute threads
     * @param jsonLog whether each line of the log is a JSON object
     * @param traces collector of spans, if there are any
     */
    void work(Path dataFolder, int threads, boolean jsonLog, Optional<URI> traces) throws InterruptedException;

    /** A server cannot start; the message says why and what to do. */
    final class StartException extends Exception {
        /** The message is shown as it is. */
        public StartException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
