package dev.ternion.jobs;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Who wants to know that a job changed. A signal carries nothing: the watcher reads the events itself, by number. */
final class JobWatches {
    /** In place of an id: who wants to know of every change of a state, every new job and every deleted one. */
    static final String ALL = "";

    private final Map<String, List<Runnable>> byJob = new ConcurrentHashMap<>();

    JobQueue.Watch add(String id, Runnable signal) {
        byJob.compute(id, (key, list) -> {
            List<Runnable> signals = list == null ? new CopyOnWriteArrayList<>() : list;
            signals.add(signal);
            return signals;
        });
        return () -> remove(id, signal);
    }

    void signal(String id) {
        byJob.getOrDefault(id, List.of()).forEach(Runnable::run);
    }

    /** The state of a job changed, it is new, or it is gone. */
    void signalChange(String id) {
        signal(id);
        signal(ALL);
    }

    int count() {
        return byJob.values().stream().mapToInt(List::size).sum();
    }

    private void remove(String id, Runnable signal) {
        byJob.computeIfPresent(id, (key, list) -> {
            list.remove(signal);
            return list.isEmpty() ? null : list;
        });
    }
}
