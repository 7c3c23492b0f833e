package dev.ternion.server;

import com.google.protobuf.Timestamp;
import dev.ternion.api.v1.ListLogEntriesRequest;
import dev.ternion.telemetry.LogEntry;
import dev.ternion.telemetry.Severity;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Locale;
import java.util.function.Predicate;

/**
 * Which lines of a log are wanted.
 *
 * @param least how much they matter at least
 * @param start of the time wanted, included
 * @param end of it, excluded
 * @param text in lower case that they hold
 */
record LogFilter(Severity least, Instant start, Instant end, String text) implements Predicate<LogEntry> {
    /** Characters of the text. */
    static final int LONGEST = 1000;

    static LogFilter of(ListLogEntriesRequest request) {
        if (request.getText().length() > LONGEST) {
            throw Refusal.invalid(
                    Requests.REASON,
                    "text",
                    "has " + request.getText().length() + " characters, wanted at most " + LONGEST);
        }
        Severity least = switch (request.getMinSeverity()) {
            case SEVERITY_UNSPECIFIED, SEVERITY_INFO -> Severity.INFO;
            case SEVERITY_WARNING -> Severity.WARNING;
            case SEVERITY_ERROR -> Severity.ERROR;
            case UNRECOGNIZED ->
                throw Refusal.invalid(
                        Requests.REASON,
                        "min_severity",
                        "is " + request.getMinSeverityValue() + ", wanted INFO, WARNING or ERROR");
        };
        return new LogFilter(
                least,
                request.hasStartTime() ? time("start_time", request.getStartTime()) : Instant.MIN,
                request.hasEndTime() ? time("end_time", request.getEndTime()) : Instant.MAX,
                request.getText().toLowerCase(Locale.ROOT));
    }

    private static Instant time(String field, Timestamp time) {
        try {
            return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
        } catch (DateTimeException | ArithmeticException e) {
            throw Refusal.invalid(Requests.REASON, field, "is " + time.getSeconds() + " s, wanted a time");
        }
    }

    @Override
    public boolean test(LogEntry entry) {
        return entry.line().severity().compareTo(least) >= 0
                && !entry.line().time().isBefore(start)
                && entry.line().time().isBefore(end)
                && entry.line().text().toLowerCase(Locale.ROOT).contains(text);
    }
}
