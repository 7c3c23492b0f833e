package dev.ternion.server;

import dev.ternion.api.EventMapper;
import dev.ternion.api.Secrets;
import dev.ternion.api.v1.LogLine.Severity;
import dev.ternion.telemetry.LogEntry;
import dev.ternion.telemetry.LogLine;
import dev.ternion.telemetry.TelemetryStore;
import java.util.ArrayList;
import java.util.List;

/** Reads the log of a job; where lines are gone an entry says so. */
record LogReader(TelemetryStore store, String job) {
    /** Entries from a number on: at most {@code limit} lines and one entry more. */
    List<LogEntry> from(long sequence, int limit) {
        List<LogEntry> lines = store.lines(job, sequence, limit);
        if (lines.isEmpty() || lines.get(0).sequence() == sequence) {
            return lines;
        }
        LogEntry oldest = lines.get(0);
        List<LogEntry> entries = new ArrayList<>();
        entries.add(new LogEntry(
                oldest.sequence() - 1,
                0,
                new LogLine(
                        oldest.line().time(),
                        dev.ternion.telemetry.Severity.WARNING,
                        oldest.sequence() - sequence + " older lines are gone: a log keeps its newest lines")));
        entries.addAll(lines);
        return entries;
    }

    static dev.ternion.api.v1.LogEntry message(LogEntry entry) {
        return dev.ternion.api.v1.LogEntry.newBuilder()
                .setSequence(entry.sequence())
                .setTime(EventMapper.timestamp(entry.line().time()))
                .setSeverity(Severity.valueOf("SEVERITY_" + entry.line().severity()))
                .setAttempt(entry.attempt())
                .setText(Secrets.redact(entry.line().text()))
                .build();
    }
}
