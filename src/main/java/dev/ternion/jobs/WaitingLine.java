package dev.ternion.jobs;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Jobs of one owner that wait for one device, by their ranks. */
final class WaitingLine {
    /** Numbers of the jobs, rising, by falling priority. */
    private final TreeMap<Integer, List<Long>> numbers = new TreeMap<>(Comparator.reverseOrder());

    /** Adds a job; may be repeated. */
    void add(Rank rank) {
        List<Long> equals = numbers.computeIfAbsent(rank.priority(), priority -> new ArrayList<>());
        int place = Collections.binarySearch(equals, rank.number());
        if (place < 0) {
            equals.add(-place - 1, rank.number());
        }
    }

    /** Removes a job; may be repeated. */
    void remove(Rank rank) {
        List<Long> equals = numbers.getOrDefault(rank.priority(), List.of());
        int place = Collections.binarySearch(equals, rank.number());
        if (place >= 0) {
            equals.remove(place);
        }
        if (equals.isEmpty()) {
            numbers.remove(rank.priority());
        }
    }

    boolean isEmpty() {
        return numbers.isEmpty();
    }

    int length() {
        return numbers.values().stream().mapToInt(List::size).sum();
    }

    /** The job that is to run first; there must be one. */
    Rank first() {
        Map.Entry<Integer, List<Long>> highest = numbers.firstEntry();
        return new Rank(highest.getKey(), highest.getValue().get(0));
    }

    /** Jobs that are to run before one of this rank. */
    int ahead(Rank rank) {
        int higher = numbers.headMap(rank.priority()).values().stream()
                .mapToInt(List::size)
                .sum();
        int place = Collections.binarySearch(numbers.getOrDefault(rank.priority(), List.of()), rank.number());
        return higher + (place < 0 ? -place - 1 : place);
    }
}
