package dev.ternion.jobs;

import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Which jobs wait for each device and which have it, and whose they are: what the store knows, without a count of its rows
 * at every new job. Read from the store at first, and again after a change that failed, as it may have happened.
 */
final class DeviceQueues {
    private static final Set<JobState> FOLLOWED = followed();

    private final JobStore store;
    private final Map<String, DeviceQueue> queues = new HashMap<>();
    private boolean known;

    DeviceQueues(JobStore store) {
        this.store = store;
    }

    private static Set<JobState> followed() {
        Set<JobState> states = EnumSet.of(JobState.QUEUED);
        states.addAll(JobState.UNDER_WAY);
        return states;
    }

    /** Takes over how a job stands in the store now. */
    synchronized void follow(Job job) {
        if (known) {
            put(job);
        }
    }

    /** The store may have what was not followed. */
    synchronized void forget() {
        known = false;
    }

    /** Jobs that wait, for whatever device. */
    synchronized int waiting() {
        look();
        return queues.values().stream().mapToInt(DeviceQueue::length).sum();
    }

    /** Jobs of this owner that wait. */
    synchronized int waiting(String owner) {
        look();
        return queues.values().stream().mapToInt(queue -> queue.length(owner)).sum();
    }

    /** Jobs of this owner that are under way. */
    synchronized int underWay(String owner) {
        look();
        return queues.values().stream().mapToInt(queue -> queue.underWay(owner)).sum();
    }

    /** Devices that waiting jobs need. */
    synchronized Set<String> awaited() {
        look();
        Set<String> devices = new TreeSet<>();
        queues.forEach((device, queue) -> {
            if (queue.length() > 0) {
                devices.add(device);
            }
        });
        return devices;
    }

    /** Whether a job is under way on a device. */
    synchronized boolean isTaken(String device) {
        look();
        DeviceQueue queue = queues.get(device);
        return queue != null && queue.isTaken();
    }

    /**
     * Jobs that wait for a job's device and are to have it before: of its owner, and of others that are not held back. A job that
     * has no number yet will have the highest.
     *
     * @param held whether the jobs of an owner are held back
     */
    synchronized int ahead(Job job, Predicate<String> held) {
        look();
        DeviceQueue queue = queues.get(job.placement().device());
        Rank rank = new Rank(job.priority(), job.number() == 0 ? Long.MAX_VALUE : job.number());
        String own = job.origin().owner();
        return queue == null ? 0 : queue.ahead(rank, owner -> !owner.equals(own) && held.test(owner));
    }

    /** The job that is to have a device first, of those whose owners are not held back. */
    synchronized Optional<Rank> first(String device, Predicate<String> held) {
        look();
        return Optional.ofNullable(queues.get(device)).flatMap(queue -> queue.first(held));
    }

    private void look() {
        if (!known) {
            queues.clear();
            store.standing(FOLLOWED, 0, Long.MAX_VALUE, Integer.MAX_VALUE).forEach(change -> put(change.job()));
            known = true;
        }
    }

    private void put(Job job) {
        DeviceQueue queue = queues.computeIfAbsent(job.placement().device(), device -> new DeviceQueue());
        queue.follow(job);
        if (queue.isEmpty()) {
            queues.remove(job.placement().device());
        }
    }
}
