package dev.ternion.cli;

/** Ends a command with a message for people and an exit code. */
final class CliException extends RuntimeException {
    private final int exitCode;

    /**
     * A failure that is understood.
     *
     * @param exitCode one of {@link ExitCode}
     * @param message what was seen, what was wanted, what to do next
     */
    CliException(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    /** One of {@link ExitCode}. */
    int exitCode() {
        return exitCode;
    }
}
