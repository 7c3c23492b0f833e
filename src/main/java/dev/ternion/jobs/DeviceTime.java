package dev.ternion.jobs;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How long the jobs of one owner have had devices lately: by the hour, since 1970, in which it was noted. Time of jobs that
 * run is there but for the last ten seconds.
 *
 * @param hours the time of each of the hours that count
 */
public record DeviceTime(SortedMap<Long, Duration> hours) {
    /** Hours that count: the one that runs and those before it. */
    public static final int WINDOW = 24;

    private static final long HOUR_SECONDS = 3600;

    public DeviceTime {
        hours = Collections.unmodifiableSortedMap(new TreeMap<>(hours));
    }

    /** Of what was noted, what counts in an hour. */
    static DeviceTime within(long hour, Map<Long, Duration> noted) {
        return new DeviceTime(new TreeMap<>(noted).subMap(hour - WINDOW + 1, hour + 1));
    }

    /** The hour of a time. */
    public static long hour(Instant time) {
        return Math.floorDiv(time.getEpochSecond(), HOUR_SECONDS);
    }

    /** All of it. */
    public Duration total() {
        return hours.values().stream().reduce(Duration.ZERO, Duration::plus);
    }

    /** When, if nothing is added, it falls below a limit that it has reached; never if that is zero. */
    public Optional<Instant> below(Duration limit) {
        Duration left = total();
        for (Map.Entry<Long, Duration> hour : hours.entrySet()) {
            left = left.minus(hour.getValue());
            if (left.compareTo(limit) < 0) {
                return Optional.of(Instant.ofEpochSecond((hour.getKey() + WINDOW) * HOUR_SECONDS));
            }
        }
        return Optional.empty();
    }
}
