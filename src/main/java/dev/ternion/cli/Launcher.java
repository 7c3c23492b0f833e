package dev.ternion.cli;

/** Starts servers; given by the composition root. */
public interface Launcher {
    /**
     * Starts a server in this process.
     *
     * @throws StartException if the folder is in use or not writable, or the port is taken
     */
    RunningServer start(ServeOptions options) throws StartException;

    /** A server cannot start; the message says why and what to do. */
    final class StartException extends Exception {
        /** The message is shown as it is. */
        public StartException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
