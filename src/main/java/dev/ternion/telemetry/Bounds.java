package dev.ternion.telemetry;

import java.time.Instant;

/**
 * How much a store keeps of a job.
 *
 * @param series of the job
 * @param points of a series
 * @param allPoints of all series of the job
 * @param lines of its log; beyond it the oldest are forgotten
 */
public record Bounds(int series, int points, int allPoints, int lines) {
    /** What servers have. */
    public static final Bounds DEFAULT = new Bounds(4096, 4 * 1024 * 1024, 32 * 1024 * 1024, 10_000);

    /** What the log says when points are left out, once for a job. */
    public LogLine cut(Instant time) {
        return new LogLine(
                time,
                Severity.WARNING,
                "points are left out from here on: a job has at most " + series + " series, each at most " + points
                        + " points, and " + allPoints + " points in all");
    }
}
