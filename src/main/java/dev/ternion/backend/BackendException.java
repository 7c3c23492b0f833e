package dev.ternion.backend;

/**
 * A device, its memory or a transfer was refused. The message says what, the value seen and the value wanted. Refusals of the
 * contract's operations arrive as plain {@link RuntimeException} with the same kind of message; see {@link NativeErrors}.
 */
public class BackendException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BackendException(String message, Throwable cause) {
        super(message, cause);
    }

    public BackendException(String message) {
        super(message);
    }
}
