package dev.ternion.telemetry;

import java.util.List;
import java.util.Map;

/**
 * What a worker tells at once of its attempt at a job.
 *
 * @param points by series
 * @param firstLine number of the first line in this attempt, from 1
 * @param lines of the log, in order
 */
public record Told(Map<SeriesKey, Points> points, long firstLine, List<LogLine> lines) {
    /** Nothing. */
    public static final Told NOTHING = new Told(Map.of(), 1, List.of());

    public Told {
        points = Map.copyOf(points);
        lines = List.copyOf(lines);
    }

    /** Whether nothing is told. */
    public boolean isEmpty() {
        return points.isEmpty() && lines.isEmpty();
    }
}
