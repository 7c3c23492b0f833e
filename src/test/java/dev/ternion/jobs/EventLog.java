package dev.ternion.jobs;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The events of one job, bounded: a full log thins out progress first and never gives up state changes or the report.
 */
final class EventLog {
    private static final List<JobEvent.Kind> GIVEN_UP =
            List.of(JobEvent.Kind.PROGRESS, JobEvent.Kind.LOG, JobEvent.Kind.PHASE, JobEvent.Kind.EVALUATION);

    private final int limit;
    private List<JobEvent> events = new ArrayList<>();
    private long last;

    EventLog(int limit) {
        this.limit = limit;
    }

    long append(JobEvent.Body body, Instant time) {
        events.add(new JobEvent(++last, time, body));
        if (events.size() > limit) {
            thin();
        }
        return last;
    }

    long last() {
        return last;
    }

    List<JobEvent> from(long sequence, int count) {
        int start = indexOf(sequence);
        return List.copyOf(events.subList(start, Math.min(events.size(), start + count)));
    }

    Optional<JobEvent> latest(JobEvent.Kind kind) {
        for (int i = events.size() - 1; i >= 0; i--) {
            if (isKind(events.get(i), kind)) {
                return Optional.of(events.get(i));
            }
        }
        return Optional.empty();
    }

    /** Index of the first event with this number or a higher one. */
    private int indexOf(long sequence) {
        int low = 0;
        int high = events.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (events.get(middle).sequence() < sequence) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private void thin() {
        for (JobEvent.Kind kind : GIVEN_UP) {
            List<JobEvent> kept = withoutEverySecond(kind);
            if (kept.size() < events.size()) {
                events = kept;
                return;
            }
        }
    }

    /** The events without the first, third, … of a kind; its newest always stays. */
    private List<JobEvent> withoutEverySecond(JobEvent.Kind kind) {
        List<JobEvent> kept = new ArrayList<>(events.size());
        JobEvent newest = latest(kind).orElse(null);
        boolean drop = true;
        for (JobEvent event : events) {
            if (!isKind(event, kind)) {
                kept.add(event);
                continue;
            }
            if (!drop || event == newest) {
                kept.add(event);
            }
            drop = !drop;
        }
        return kept;
    }

    private static boolean isKind(JobEvent event, JobEvent.Kind kind) {
        return event.body() instanceof JobEvent.Recorded recorded && recorded.kind() == kind;
    }
}
