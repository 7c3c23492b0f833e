package dev.ternion.worker;

import dev.ternion.telemetry.PointList;
import dev.ternion.telemetry.Points;
import dev.ternion.telemetry.SeriesKey;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/** Points that have not been told yet, by series. Used under its owner's lock. */
final class PointBuffer {
    private final Map<SeriesKey, PointList> series = new LinkedHashMap<>();
    private int size;

    /** Adds a point; one whose step is not above the last waiting one's is left out: it was told before. */
    void add(SeriesKey key, long step, double value, long millis) {
        PointList points = series.computeIfAbsent(key, its -> new PointList());
        if (step > points.lastStep()) {
            points.add(step, value, millis);
            size++;
        }
    }

    /** Points of all series. */
    int size() {
        return size;
    }

    /** Takes points out, at most so many; of each series the first ones. */
    Map<SeriesKey, Points> take(int most) {
        Map<SeriesKey, Points> taken = new HashMap<>();
        int room = most;
        for (Iterator<Map.Entry<SeriesKey, PointList>> each = series.entrySet().iterator();
                each.hasNext() && room > 0; ) {
            Map.Entry<SeriesKey, PointList> its = each.next();
            Points points = its.getValue().take(room);
            room -= points.size();
            taken.put(its.getKey(), points);
            if (its.getValue().size() == 0) {
                each.remove();
            }
        }
        size -= most - room;
        return taken;
    }
}
