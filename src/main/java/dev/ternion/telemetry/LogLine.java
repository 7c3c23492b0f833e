package dev.ternion.telemetry;

import java.time.Instant;

/**
 * A line that a job says.
 *
 * @param time when, kept in milliseconds
 * @param severity how much it matters
 * @param text at most {@link #LONGEST} characters; a longer one is cut
 */
public record LogLine(Instant time, Severity severity, String text) {
    /** Characters of a line. */
    public static final int LONGEST = 4000;

    public LogLine {
        time = Instant.ofEpochMilli(time.toEpochMilli());
        if (text.length() > LONGEST) {
            text = text.substring(0, LONGEST - 1) + "…";
        }
        // PostgreSQL keeps no NUL in a text.
        text = text.replace('\0', ' ');
    }
}
