package dev.ternion.store;

import dev.ternion.jobs.DeviceTime;
import dev.ternion.jobs.Job;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Update;

/** The table of device time, which follows the active times of jobs in their transactions. */
final class SqlDeviceTime {
    private static final String NOTE = "INSERT INTO device_time (owner, hour, nanos)"
            + " SELECT owner, :hour, :active - active FROM jobs WHERE owner <> '' AND active < :active AND ";
    private static final String ADD =
            " ON CONFLICT (owner, hour) DO UPDATE SET nanos = device_time.nanos + excluded.nanos";

    private SqlDeviceTime() {}

    /** To be called before the job's own row is changed. */
    static void follow(Handle h, Job job, Instant now) {
        if (!job.runs().active().isZero()) {
            note(
                    h.createUpdate(NOTE + "number = :number" + ADD).bind("number", job.number()),
                    h,
                    job.runs().active(),
                    now);
        }
    }

    /** The same of one attempt; nothing if it is not the newest. */
    static void follow(Handle h, String id, int attempt, Duration active, Instant now) {
        note(
                h.createUpdate(NOTE + "id = :id AND attempt = :attempt" + ADD)
                        .bind("id", id)
                        .bind("attempt", attempt),
                h,
                active,
                now);
    }

    private static void note(Update note, Handle h, Duration active, Instant now) {
        long hour = DeviceTime.hour(now);
        int noted = note.bind("hour", hour).bind("active", Rows.nanos(active)).execute();
        if (noted > 0) {
            h.createUpdate("DELETE FROM device_time WHERE hour <= :old")
                    .bind("old", hour - DeviceTime.WINDOW)
                    .execute();
        }
    }

    static Map<Long, Duration> of(Handle h, String owner) {
        return h.createQuery("SELECT hour, nanos FROM device_time WHERE owner = :owner")
                .bind("owner", owner)
                .reduceRows(new HashMap<Long, Duration>(), (hours, row) -> {
                    hours.put(row.getColumn("hour", Long.class), Duration.ofNanos(row.getColumn("nanos", Long.class)));
                    return hours;
                });
    }
}
