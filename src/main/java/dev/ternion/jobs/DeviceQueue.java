package dev.ternion.jobs;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** The jobs of one device that wait, by owner, and those that are under way. */
final class DeviceQueue {
    private final Map<String, WaitingLine> waiting = new HashMap<>();
    /** Owners by the number of the job. */
    private final Map<Long, String> underWay = new HashMap<>();

    /** Takes over how a job stands; may be repeated. */
    void follow(Job job) {
        String owner = job.origin().owner();
        if (job.state().isUnderWay()) {
            underWay.put(job.number(), owner);
        } else {
            underWay.remove(job.number());
        }
        WaitingLine line = waiting.computeIfAbsent(owner, key -> new WaitingLine());
        if (job.state() == JobState.QUEUED) {
            line.add(Rank.of(job));
        } else {
            line.remove(Rank.of(job));
        }
        if (line.isEmpty()) {
            waiting.remove(owner);
        }
    }

    boolean isEmpty() {
        return waiting.isEmpty() && underWay.isEmpty();
    }

    boolean isTaken() {
        return !underWay.isEmpty();
    }

    /** Jobs that wait. */
    int length() {
        return waiting.values().stream().mapToInt(WaitingLine::length).sum();
    }

    /** Jobs of an owner that wait. */
    int length(String owner) {
        WaitingLine line = waiting.get(owner);
        return line == null ? 0 : line.length();
    }

    /** Jobs of an owner that are under way. */
    int underWay(String owner) {
        return (int) underWay.values().stream().filter(owner::equals).count();
    }

    /** Jobs that wait and are to run before one of this rank, but for those of some owners. */
    int ahead(Rank rank, Predicate<String> without) {
        return waiting.entrySet().stream()
                .filter(entry -> !without.test(entry.getKey()))
                .mapToInt(entry -> entry.getValue().ahead(rank))
                .sum();
    }

    /** The job that is to run first, but for those of some owners. */
    Optional<Rank> first(Predicate<String> without) {
        return waiting.entrySet().stream()
                .filter(entry -> !without.test(entry.getKey()))
                .map(entry -> entry.getValue().first())
                .min(Rank::compareTo);
    }
}
