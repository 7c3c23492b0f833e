package dev.ternion.telemetry;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where series and logs of jobs are kept, as long as their jobs are. Port: every method is atomic and, in a durable store, on disk when
 * it returns.
 *
 * <p>A series only grows: a point whose step is not above the last one's was told before, or is one that a resumed training has made
 * again, and the first stands. So a call can be repeated. What is beyond the {@link Bounds} is left out, and the log says so.
 */
public interface TelemetryStore {
    /**
     * Adds what a worker tells, but for what it has told before.
     *
     * @param attempt number of its attempt
     * @return false, and nothing was added, if that attempt is not under way
     * @throws IllegalStateException if lines before {@code told.firstLine()} are missing
     */
    boolean append(String job, int attempt, Told told);

    /**
     * Adds points that no worker tells, but for those that are there.
     *
     * @return false, and nothing was added, if the job is not there
     */
    boolean add(String job, Map<SeriesKey, Points> points);

    /** Series of a job by rising text of their keys. */
    List<SeriesInfo> series(String job);

    /** One series of a job. */
    Optional<SeriesInfo> find(String job, SeriesKey key);

    /**
     * Points of a series from a step on: a few thousand, in order, at least one if there is one. Ask again behind the last one.
     *
     * @param fromStep of the first one wanted
     */
    Points points(String job, SeriesKey key, long fromStep);

    /** Lines of a job's log from a number on, at most {@code limit}. */
    List<LogEntry> lines(String job, long fromSequence, int limit);

    /** Number of the newest line of a job's log; 0 if there is none. */
    long lastLine(String job);
}
