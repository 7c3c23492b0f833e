package dev.ternion.server;

import dev.ternion.api.Violation;
import dev.ternion.api.v1.Bookmark;
import dev.ternion.api.v1.SeriesPoints;
import dev.ternion.api.v1.SeriesStart;
import dev.ternion.api.v1.WatchSeriesRequest;
import dev.ternion.api.v1.WatchSeriesResponse;
import dev.ternion.jobs.JobQueue;
import dev.ternion.telemetry.Bounds;
import dev.ternion.telemetry.SeriesInfo;
import dev.ternion.telemetry.SeriesKey;
import dev.ternion.telemetry.TelemetryStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Points of a job's series, of each from a step on; over with the last points of a final job. Keeps one step for each series. */
final class SeriesSource implements PulledStream.Source<WatchSeriesResponse> {
    private final JobQueue queue;
    private final TelemetryStore store;
    private final String job;
    private final Map<SeriesKey, Long> next;
    private final boolean others;

    private SeriesSource(JobQueue queue, TelemetryStore store, String job, Map<SeriesKey, Long> next, boolean others) {
        this.queue = queue;
        this.store = store;
        this.job = job;
        this.next = next;
        this.others = others;
    }

    /** @throws Refusal REQUEST_INVALID with all that is wrong */
    static SeriesSource open(JobQueue queue, TelemetryStore store, String job, WatchSeriesRequest request) {
        List<Violation> problems = new ArrayList<>();
        int count = request.getSeriesCount();
        if (count == 0 && !request.getOthers()) {
            problems.add(new Violation("series", "is empty, wanted series here, or others"));
        }
        if (count > Bounds.DEFAULT.series()) {
            problems.add(new Violation("series", "has " + count + ", wanted at most " + Bounds.DEFAULT.series()));
        }
        Map<SeriesKey, Long> next = new HashMap<>();
        for (int i = 0; i < Math.min(count, Bounds.DEFAULT.series()); i++) {
            add(request.getSeries(i), "series[" + i + "]", next, problems);
        }
        if (!problems.isEmpty()) {
            throw Requests.invalid(problems);
        }
        return new SeriesSource(queue, store, job, next, request.getOthers());
    }

    private static void add(SeriesStart start, String path, Map<SeriesKey, Long> next, List<Violation> problems) {
        if (start.getFirstStep() < 0) {
            problems.add(new Violation(path + ".first_step", "is " + start.getFirstStep() + ", wanted 0 or more"));
        }
        try {
            if (next.put(SeriesKey.parse(start.getKey()), start.getFirstStep()) != null) {
                problems.add(new Violation(path + ".key", "\"" + start.getKey() + "\" is there before, wanted once"));
            }
        } catch (IllegalArgumentException e) {
            problems.add(new Violation(
                    path + ".key", "is \"" + start.getKey() + "\", wanted ARM/SEED/METRIC or SEED/METRIC"));
        }
    }

    @Override
    public Iterator<WatchSeriesResponse> read() {
        return store.series(job).stream()
                .filter(series -> next.containsKey(series.key()) || others)
                .filter(series -> series.lastStep() >= from(series.key()))
                .map(this::points)
                .filter(message -> message.getPoints().getStepsCount() > 0)
                .iterator();
    }

    private long from(SeriesKey key) {
        return next.getOrDefault(key, 0L);
    }

    private WatchSeriesResponse points(SeriesInfo series) {
        SeriesKey key = series.key();
        SeriesPoints points = SeriesMessages.points(key, store.points(job, key, from(key)));
        return WatchSeriesResponse.newBuilder().setPoints(points).build();
    }

    @Override
    public void sent(WatchSeriesResponse message) {
        SeriesPoints points = message.getPoints();
        next.put(SeriesKey.parse(points.getKey()), points.getSteps(points.getStepsCount() - 1) + 1);
    }

    @Override
    public boolean isOver() {
        return queue.get(job).state().isFinal();
    }

    @Override
    public WatchSeriesResponse bookmark() {
        return WatchSeriesResponse.newBuilder()
                .setBookmark(Bookmark.getDefaultInstance())
                .build();
    }
}
