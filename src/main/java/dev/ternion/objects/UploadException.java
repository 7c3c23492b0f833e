package dev.ternion.objects;

import java.util.Map;

/** A request about an upload that is refused; nothing was changed. */
public final class UploadException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Kinds of refusals. */
    public enum Problem {
        /** There is no upload of this id. */
        UPLOAD_NOT_FOUND,
        /** There is one of this id and another size. */
        UPLOAD_EXISTS,
        /** It is larger than any may be. */
        UPLOAD_TOO_LARGE,
        /** There are as many, or as large ones, as may be. */
        UPLOAD_LIMIT,
        /** Its owner has as many bytes as it may. */
        UPLOAD_QUOTA,
        /** A size, or bytes beyond it, or another digest. */
        UPLOAD_INVALID,
        /** The place to write at is not where the bytes end. */
        OFFSET_INVALID,
        /** Bytes are missing. */
        UPLOAD_INCOMPLETE,
        /** It is finalized: nothing is written any more. */
        UPLOAD_FINAL,
        /** A later write has taken over. */
        UPLOAD_TAKEN_OVER,
        /** It is being finalized, or as many others as may be at a time. */
        UPLOAD_BUSY
    }

    private final Problem problem;
    private final String id;
    private final transient Map<String, String> details;

    UploadException(Problem problem, String id, String message, Map<String, String> details) {
        super(message);
        this.problem = problem;
        this.id = id;
        this.details = Map.copyOf(details);
    }

    UploadException(Problem problem, String id, String message) {
        this(problem, id, message, Map.of());
    }

    /** What is wrong. */
    public Problem problem() {
        return problem;
    }

    /** The upload meant. */
    public String id() {
        return id;
    }

    /** Facts by name. */
    public Map<String, String> details() {
        return details;
    }
}
