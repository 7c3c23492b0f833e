package dev.ternion.server;

import dev.ternion.api.Violation;
import dev.ternion.api.v1.IngestPointsRequest;
import dev.ternion.api.v1.SeriesPoints;
import dev.ternion.telemetry.Points;
import dev.ternion.telemetry.SeriesKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.LongStream;

/** Reads points that somebody sends; tells all that is wrong with them at once. */
final class IngestReader {
    static final int MOST_SERIES = 100;
    static final int MOST_POINTS = 50_000;

    private static final Pattern KEY =
            Pattern.compile("(?:[A-Za-z0-9._-]{1,63}/)?-?[0-9]{1,19}/external\\.[A-Za-z0-9._-]{1,91}");
    private static final String KEY_WANTED =
            "wanted ARM/SEED/external.METRIC or SEED/external.METRIC, of A-Z a-z 0-9 . _ -";
    private static final long END_OF_9999 = 253_402_300_799_999L;

    private final List<Violation> problems = new ArrayList<>();
    private final Map<SeriesKey, Points> points = new LinkedHashMap<>();
    private final long now;

    private IngestReader(Instant now) {
        this.now = now.toEpochMilli();
    }

    /**
     * The points of a request.
     *
     * @param now time of points without one
     * @throws Refusal REQUEST_INVALID
     */
    static Map<SeriesKey, Points> read(IngestPointsRequest request, Instant now) {
        IngestReader reader = new IngestReader(now);
        int series = request.getSeriesCount();
        if (series < 1 || series > MOST_SERIES) {
            reader.problem("series", "has " + series + ", wanted 1 to " + MOST_SERIES);
        }
        long all = request.getSeriesList().stream()
                .mapToLong(SeriesPoints::getStepsCount)
                .sum();
        if (all > MOST_POINTS) {
            reader.problem("series", "has " + all + " points, wanted at most " + MOST_POINTS);
        }
        for (int i = 0; i < Math.min(series, MOST_SERIES); i++) {
            reader.add(request.getSeries(i), "series[" + i + "]");
        }
        if (!reader.problems.isEmpty()) {
            throw Requests.invalid(reader.problems);
        }
        return reader.points;
    }

    private void problem(String path, String message) {
        problems.add(new Violation(path, message));
    }

    private void add(SeriesPoints series, String path) {
        int before = problems.size();
        checkSteps(series, path);
        checkValues(series, path);
        checkTimes(series, path);
        SeriesKey key = key(series.getKey(), path);
        if (key == null || problems.size() > before) {
            return;
        }
        if (points.put(key, points(series)) != null) {
            problem(path + ".key", "\"" + series.getKey() + "\" is there before, wanted once");
        }
    }

    /** Null if it is none. */
    private SeriesKey key(String text, String path) {
        try {
            if (KEY.matcher(text).matches()) {
                return SeriesKey.parse(text);
            }
        } catch (IllegalArgumentException e) {
            // a seed of more than 64 bits
        }
        problem(path + ".key", "is \"" + text + "\", " + KEY_WANTED);
        return null;
    }

    private void checkSteps(SeriesPoints series, String path) {
        if (series.getStepsCount() == 0) {
            problem(path + ".steps", "is empty, wanted at least one");
        }
        long last = -1;
        for (int i = 0; i < series.getStepsCount(); i++) {
            long step = series.getSteps(i);
            if (step <= last) {
                problem(
                        path + ".steps[" + i + "]",
                        "is " + step + ", wanted " + (i == 0 ? "0 or more" : "more than the one before, " + last));
                return;
            }
            last = step;
        }
    }

    private void checkValues(SeriesPoints series, String path) {
        requireCount(path + ".values", series.getValuesCount(), series);
        for (int i = 0; i < series.getValuesCount(); i++) {
            if (!Double.isFinite(series.getValues(i))) {
                problem(path + ".values[" + i + "]", "is " + series.getValues(i) + ", wanted a finite number");
                return;
            }
        }
    }

    private void checkTimes(SeriesPoints series, String path) {
        if (series.getTimesMsCount() > 0) {
            requireCount(path + ".times_ms", series.getTimesMsCount(), series);
        }
        for (int i = 0; i < series.getTimesMsCount(); i++) {
            long time = series.getTimesMs(i);
            if (time < 0 || time > END_OF_9999) {
                problem(path + ".times_ms[" + i + "]", "is " + time + ", wanted 0 to " + END_OF_9999);
                return;
            }
        }
    }

    private void requireCount(String path, int count, SeriesPoints series) {
        if (count != series.getStepsCount()) {
            problem(path, "has " + count + ", wanted as many as steps, " + series.getStepsCount());
        }
    }

    private Points points(SeriesPoints series) {
        long[] steps = longs(series.getStepsList());
        double[] values =
                series.getValuesList().stream().mapToDouble(Double::doubleValue).toArray();
        long[] times = longs(series.getTimesMsList());
        if (times.length == 0) {
            times = new long[steps.length];
            Arrays.fill(times, now);
        }
        return Points.of(steps, values, times);
    }

    private static long[] longs(List<Long> list) {
        return list.stream().flatMapToLong(LongStream::of).toArray();
    }
}
