package dev.ternion.jobs;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/** The jobs of one device that wait, and those that are under way. Jobs are told by their numbers. */
final class DeviceQueue {
    /** Numbers of the jobs that wait, rising, by falling priority. */
    private final TreeMap<Integer, List<Long>> waiting = new TreeMap<>(Comparator.reverseOrder());

    private final Set<Long> underWay = new HashSet<>();

    /** Takes over how a job stands; may be repeated. */
    void follow(Job job) {
        if (job.state().isUnderWay()) {
            underWay.add(job.number());
        } else {
            underWay.remove(job.number());
        }
        List<Long> equals = waiting.computeIfAbsent(job.priority(), priority -> new ArrayList<>());
        int place = Collections.binarySearch(equals, job.number());
        if (job.state() == JobState.QUEUED && place < 0) {
            equals.add(-place - 1, job.number());
        } else if (job.state() != JobState.QUEUED && place >= 0) {
            equals.remove(place);
        }
        if (equals.isEmpty()) {
            waiting.remove(job.priority());
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
        return waiting.values().stream().mapToInt(List::size).sum();
    }

    /** Jobs that wait before one of this priority and number. */
    int ahead(int priority, long number) {
        int higher =
                waiting.headMap(priority).values().stream().mapToInt(List::size).sum();
        int place = Collections.binarySearch(waiting.getOrDefault(priority, List.of()), number);
        return higher + (place < 0 ? -place - 1 : place);
    }
}
