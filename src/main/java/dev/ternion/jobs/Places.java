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
        if (job.state() != JobState.QUEUED) {
            return job;
        }
        int ahead = changes.queues().ahead(job);
        return job.placed(ahead + 1, reason(job, ahead));
    }

    /** Jobs of a list, those that wait with their places. */
    List<Job> of(List<Job> jobs) {
        return jobs.stream().map(this::of).toList();
    }

    /** Why a job waits that is QUEUED, or about to be. */
    String reason(Job job) {
        return reason(job, changes.queues().ahead(job));
    }

    private String reason(Job job, int ahead) {
        String device = job.placement().device();
        int before = ahead + (changes.queues().isTaken(device) ? 1 : 0);
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
