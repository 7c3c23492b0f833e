package dev.ternion.server;

import dev.ternion.api.ResourceNames;
import dev.ternion.api.v1.IngestPointsResponse;
import dev.ternion.telemetry.Points;
import dev.ternion.telemetry.SeriesInfo;
import dev.ternion.telemetry.SeriesKey;
import dev.ternion.telemetry.TelemetryStore;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Series of jobs that were measured elsewhere. They take a quarter of what a job may have, so that its own training has the rest. */
final class ExternalSeries {
    /** What their metrics begin with. */
    static final String PREFIX = "external.";

    /** Such series of a job. */
    static final int MOST_SERIES = 256;

    /** Points of all of them. */
    static final int MOST_POINTS = 8 * 1024 * 1024;

    /** Points of one of them: a store keeps so many of any series. */
    static final int MOST_OF_SERIES = 4 * 1024 * 1024;

    private final TelemetryStore store;

    ExternalSeries(TelemetryStore store) {
        this.store = store;
    }

    /**
     * Adds points, all or none. One at a time, so that what is counted stays.
     *
     * @throws Refusal JOB_NOT_FOUND, SERIES_LIMIT
     */
    synchronized IngestPointsResponse add(String job, Map<SeriesKey, Points> points) {
        Map<SeriesKey, SeriesInfo> before = series(job);
        Map<SeriesKey, Points> fresh = new HashMap<>();
        points.forEach((key, its) -> fresh.put(
                key, before.containsKey(key) ? its.after(before.get(key).lastStep()) : its));
        fresh.values().removeIf(its -> its.size() == 0);
        requireRoom(job, before, fresh);
        if (!fresh.isEmpty() && !store.add(job, fresh)) {
            throw Refusal.notFound(ResourceNames.JOB, job);
        }
        Map<SeriesKey, SeriesInfo> after = series(job);
        IngestPointsResponse.Builder response =
                IngestPointsResponse.newBuilder().setAdded(count(after) - count(before));
        points.keySet().stream()
                .map(after::get)
                .filter(Objects::nonNull)
                .forEach(series -> response.addSeries(SeriesMessages.series(series)));
        return response.build();
    }

    private Map<SeriesKey, SeriesInfo> series(String job) {
        return store.series(job).stream()
                .filter(series -> series.key().metric().startsWith(PREFIX))
                .collect(Collectors.toMap(SeriesInfo::key, Function.identity()));
    }

    private static void requireRoom(String job, Map<SeriesKey, SeriesInfo> before, Map<SeriesKey, Points> fresh) {
        long series = before.size()
                + fresh.keySet().stream()
                        .filter(key -> !before.containsKey(key))
                        .count();
        long points =
                count(before) + fresh.values().stream().mapToLong(Points::size).sum();
        boolean longest = fresh.entrySet().stream()
                .anyMatch(its -> its.getValue().size() + known(before.get(its.getKey())) > MOST_OF_SERIES);
        if (series > MOST_SERIES || points > MOST_POINTS || longest) {
            throw Refusal.quota(
                    "SERIES_LIMIT",
                    ResourceNames.JOB.name(job),
                    "job " + job + " would have " + series + " series with " + points
                            + " points from elsewhere, at most " + MOST_SERIES + " with " + MOST_POINTS
                            + ", each " + MOST_OF_SERIES + ", are kept; nothing of this call is, send fewer points",
                    Map.of("series", String.valueOf(MOST_SERIES), "points", String.valueOf(MOST_POINTS)));
        }
    }

    private static long count(Map<SeriesKey, SeriesInfo> series) {
        return series.values().stream().mapToLong(SeriesInfo::points).sum();
    }

    private static long known(SeriesInfo series) {
        return series == null ? 0 : series.points();
    }
}
