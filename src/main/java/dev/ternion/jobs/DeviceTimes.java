package dev.ternion.jobs;

import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Device time of the owners that are asked about: read from the store, and again when it may have grown. */
final class DeviceTimes {
    private final JobStore store;
    private final Clock clock;
    private final Map<String, Map<Long, Duration>> known = new HashMap<>();
    private long hour;

    DeviceTimes(JobStore store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    synchronized DeviceTime of(String owner) {
        long now = DeviceTime.hour(clock.instant());
        if (now != hour) {
            known.clear(); // of owners that are not asked about any more
            hour = now;
        }
        return DeviceTime.within(now, known.computeIfAbsent(owner, store::deviceTime));
    }

    /** The store may have more of this owner. */
    synchronized void forget(String owner) {
        known.remove(owner);
    }
}
