package dev.ternion.artifact;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A file that cannot be used or written. The message names the file, what is wrong, the value seen, the value wanted,
 * what to do.
 */
public final class ArtifactException extends IOException {
    private static final long serialVersionUID = 1L;
    private static final int LONGEST_VALUE = 400;

    private ArtifactException(String message, Throwable cause) {
        super(message, cause);
    }

    /**
     * @param file the file, or whatever else the bytes came from
     * @param what the part that is wrong, such as {@code tensor "a": shape}
     * @param seen the value found there; long values are shortened
     * @param wanted the values that would be accepted
     * @param next what the reader of the message should do, a whole sentence
     */
    public static ArtifactException of(Object file, String what, Object seen, Object wanted, String next) {
        return because(null, file, what, seen, wanted, next);
    }

    /** As {@link #of}, keeping the failure underneath. */
    public static ArtifactException because(
            Throwable cause, Object file, String what, Object seen, Object wanted, String next) {
        String message = name(file) + ": " + what + ": saw " + shorten(seen) + ", wanted " + wanted + ". " + next;
        return new ArtifactException(message, cause);
    }

    /** The file ends, or breaks off inside a field, at a place where more is needed. */
    static ArtifactException truncated(Object file, String what, Object seen, Object wanted) {
        return of(file, what, seen, wanted, "The file is cut short or damaged: fetch it again.");
    }

    /** Another piece of code failed with its own message. */
    static ArtifactException unreadable(Object file, String what, Exception cause, Object wanted) {
        return because(
                cause, file, what, cause.getMessage(), wanted, "The file is cut short or damaged: fetch it again.");
    }

    private static String name(Object file) {
        return file instanceof Path path ? path.toString() : String.valueOf(file);
    }

    private static String shorten(Object value) {
        String text = String.valueOf(value);
        return text.length() <= LONGEST_VALUE ? text : text.substring(0, LONGEST_VALUE) + "…";
    }
}
