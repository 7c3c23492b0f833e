package dev.ternion.jobs;

import java.util.List;

/** Places of the jobs that wait, each in the queue of its device: by falling priority, then by rising number. */
final class Places {
    private final JobChanges changes;

    Places(JobChanges changes) {
        this.changes = changes;
    }

    /** The job, with its place if it waits. */
    Job of(Job job) {
        return job.state() == JobState.QUEUED ? job.placed(changes.queues().ahead(job) + 1, reason(job)) : job;
    }

    /** Jobs of a list, those that wait with their places. */
    List<Job> of(List<Job> jobs) {
        return jobs.stream().map(this::of).toList();
    }

    /** Why a job waits that is QUEUED, or about to be. */
    String reason(Job job) {
        String device = job.placement().device();
        int before = changes.queues().before(job);
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
