package dev.ternion.backup;

import java.io.IOException;

/** A backup cannot be made or used; the message says what was seen and what to do. */
public final class BackupException extends IOException {
    private static final long serialVersionUID = 1L;

    /** The message is shown as it is. */
    public BackupException(String message) {
        super(message);
    }

    /** The same with its cause. */
    public BackupException(String message, Throwable cause) {
        super(message, cause);
    }
}
