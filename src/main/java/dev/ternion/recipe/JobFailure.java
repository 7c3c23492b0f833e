package dev.ternion.recipe;

import java.util.Map;

/** A job cannot go on. The reason is a stable upper-case word, the message says what to do. */
public final class JobFailure extends Exception {
    private static final long serialVersionUID = 1L;

    private final String reason;
    private final transient Map<String, String> details;

    /**
     * @param reason for example LOSS_NOT_FINITE, OUT_OF_MEMORY, NO_SPACE, TEACHER_MISMATCH, DATA_READ, DATA_LOSS, MODEL_READ, SOURCES_CHANGED
     * @param message what happened, where, what to do
     * @param details step, loss part, file and the like
     */
    public JobFailure(String reason, String message, Map<String, String> details, Throwable cause) {
        super(message, cause);
        this.reason = reason;
        this.details = Map.copyOf(details);
    }

    public JobFailure(String reason, String message, Map<String, String> details) {
        this(reason, message, details, null);
    }

    /** Stable upper-case word. */
    public String reason() {
        return reason;
    }

    /** Facts by name. */
    public Map<String, String> details() {
        return details;
    }
}
