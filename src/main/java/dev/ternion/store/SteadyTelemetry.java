package dev.ternion.store;

import dev.ternion.telemetry.LogEntry;
import dev.ternion.telemetry.Points;
import dev.ternion.telemetry.SeriesInfo;
import dev.ternion.telemetry.SeriesKey;
import dev.ternion.telemetry.TelemetryStore;
import dev.ternion.telemetry.Told;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Series and logs in a store that survives faults that pass: every call can be repeated. */
record SteadyTelemetry(TelemetryStore store, Retries retries) implements TelemetryStore {
    @Override
    public boolean append(String job, int attempt, Told told) {
        return retries.call(() -> store.append(job, attempt, told));
    }

    @Override
    public boolean add(String job, Map<SeriesKey, Points> points) {
        return retries.call(() -> store.add(job, points));
    }

    @Override
    public List<SeriesInfo> series(String job) {
        return retries.call(() -> store.series(job));
    }

    @Override
    public Optional<SeriesInfo> find(String job, SeriesKey key) {
        return retries.call(() -> store.find(job, key));
    }

    @Override
    public Points points(String job, SeriesKey key, long fromStep) {
        return retries.call(() -> store.points(job, key, fromStep));
    }

    @Override
    public List<LogEntry> lines(String job, long fromSequence, int limit) {
        return retries.call(() -> store.lines(job, fromSequence, limit));
    }

    @Override
    public long lastLine(String job) {
        return retries.call(() -> store.lastLine(job));
    }
}
