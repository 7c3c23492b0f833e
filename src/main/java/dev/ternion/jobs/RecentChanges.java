package dev.ternion.jobs;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** The newest changes in memory, read from the log once for all who watch. Some of them the log may have forgotten. */
final class RecentChanges implements ChangeLog {
    private static final int KEPT = 500;

    private final ChangeLog log;
    private final AtomicLong news = new AtomicLong(1);
    private final List<Change> recent = new ArrayList<>();
    /** All changes above this revision that were there at the last look are in {@link #recent}. */
    private long from = -1;

    private long seen;

    RecentChanges(ChangeLog log) {
        this.log = log;
    }

    /** The log may have more. Never waits for a reader. */
    void stale() {
        news.incrementAndGet();
    }

    @Override
    public List<Change> changes(long after, int limit) {
        synchronized (this) {
            look();
            if (after >= from) {
                int start = (int) Math.min(recent.size(), after - from);
                return List.copyOf(recent.subList(start, Math.min(recent.size(), start + limit)));
            }
        }
        return log.changes(after, limit);
    }

    private void look() {
        long now = news.get();
        if (seen == now) {
            return;
        }
        if (from < 0) {
            from = log.extent().newest();
        }
        List<Change> next;
        do {
            next = log.changes(from + recent.size(), KEPT);
            next.forEach(this::add);
        } while (next.size() == KEPT);
        seen = now;
    }

    private void add(Change change) {
        if (change.revision() != from + recent.size() + 1) {
            recent.clear();
            from = change.revision() - 1;
        }
        recent.add(change);
        if (recent.size() == 2 * KEPT) {
            recent.subList(0, KEPT).clear();
            from += KEPT;
        }
    }

    @Override
    public List<Change> standing(Set<JobState> states, long after, long upTo, int limit) {
        return log.standing(states, after, upTo, limit);
    }

    @Override
    public Extent extent() {
        return log.extent();
    }
}
