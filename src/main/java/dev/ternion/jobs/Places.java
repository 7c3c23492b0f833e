package dev.ternion.jobs;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Places of the jobs that wait, each in the queue of its device: by falling priority, then by rising number. */
final class Places {
    private static final Comparator<Job> ORDER =
            Comparator.comparingInt(Job::priority).reversed().thenComparingLong(Job::number);

    private final JobChanges changes;
    private final JobStore store;

    Places(JobChanges changes) {
        this.changes = changes;
        this.store = changes.store();
    }

    /** The job, with its place if it waits. */
    Job of(Job job) {
        if (job.state() != JobState.QUEUED) {
            return job;
        }
        int ahead = store.ahead(job);
        return job.placed(ahead + 1, reason(job, ahead, isTaken(job)));
    }

    /** Why a job waits that is QUEUED, or about to be. */
    String reason(Job job) {
        return reason(job, store.ahead(job), isTaken(job));
    }

    /** Jobs of a list, those that wait with their places. */
    List<Job> of(List<Job> jobs) {
        if (jobs.stream().noneMatch(job -> job.state() == JobState.QUEUED)) {
            return jobs;
        }
        Map<Long, Integer> ahead = new HashMap<>();
        Map<String, Integer> lengths = new HashMap<>();
        store.list(Set.of(JobState.QUEUED), Long.MAX_VALUE, Integer.MAX_VALUE).stream()
                .sorted(ORDER)
                .forEach(job ->
                        ahead.put(job.number(), lengths.merge(job.placement().device(), 1, Integer::sum) - 1));
        Map<String, Boolean> taken = new HashMap<>();
        List<Job> placed = new ArrayList<>();
        for (Job job : jobs) {
            String device = job.placement().device();
            Integer before = ahead.get(job.number());
            // One that began to run meanwhile has no place.
            placed.add(
                    job.state() != JobState.QUEUED || before == null
                            ? job
                            : job.placed(
                                    before + 1, reason(job, before, taken.computeIfAbsent(device, store::isTaken))));
        }
        return placed;
    }

    private boolean isTaken(Job job) {
        return store.isTaken(job.placement().device());
    }

    private String reason(Job job, int ahead, boolean taken) {
        String device = job.placement().device();
        int before = ahead + (taken ? 1 : 0);
        String place = switch (before) {
            case 0 -> first(job);
            case 1 -> "1 job before this one";
            default -> before + " jobs before this one";
        };
        return "waiting for device " + device + ": " + place;
    }

    private String first(Job job) {
        long need = job.placement().memory();
        long free = changes.freeMemory(job.placement().device());
        return need <= free
                ? "next to run"
                : "it needs " + need + " bytes of memory at the least, " + free + " are free";
    }
}
