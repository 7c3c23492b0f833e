package dev.ternion.jobs;

import dev.ternion.jobs.JobEvent.StateChanged;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;

/** The attempts at one job, in memory. */
final class AttemptLog {
    private final TreeMap<Integer, AttemptEntry> byNumber = new TreeMap<>();

    void follow(Job before, Job after, List<JobEvent.Body> change, Instant time) {
        int number = after.runs().newest();
        boolean counts = after.runs().counted() >= before.runs().counted();
        for (JobEvent.Body body : change) {
            if (body instanceof StateChanged state) {
                if (state.to() == JobState.STARTING) {
                    byNumber.putIfAbsent(number, new AttemptEntry(number, time, null, null, ""));
                    byNumber.headMap(number - JobStore.ATTEMPTS_KEPT, true).clear();
                }
                AttemptEntry.End.of(state, counts)
                        .ifPresent(end -> byNumber.computeIfPresent(
                                number, (n, entry) -> new AttemptEntry(n, entry.started(), time, end, state.reason())));
            }
        }
    }

    List<AttemptEntry> list() {
        return List.copyOf(byNumber.descendingMap().values());
    }
}
