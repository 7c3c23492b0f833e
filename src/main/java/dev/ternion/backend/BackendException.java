package dev.ternion.backend;

/** An operation was refused or failed natively. The message names operation, value seen and value wanted. */
public class BackendException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BackendException(String message, Throwable cause) {
        super(message, cause);
    }

    public BackendException(String message) {
        super(message);
    }
}
