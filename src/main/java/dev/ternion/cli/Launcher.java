package dev.ternion.cli;

import java.util.List;

/** Starts servers and checks the engine; given by the composition root. */
public interface Launcher {
    /**
     * Starts a server in this process.
     *
     * @throws StartException if the folder is in use or not writable, or the port is taken
     */
    RunningServer start(ServeOptions options) throws StartException;

    /** Checks what the command line cannot see: native library, CPU features. Throws nothing. */
    List<Check> doctor();

    /** A server cannot start; the message says why and what to do. */
    final class StartException extends Exception {
        /** The message is shown as it is. */
        public StartException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
