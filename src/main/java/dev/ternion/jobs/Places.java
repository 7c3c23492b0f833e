package dev.ternion.jobs;

import java.util.List;
import java.util.Optional;

/**
 * Places of the jobs that wait, each in the queue of its device: by falling priority, then by rising number. Jobs of others that
 * are held back do not count.
 */
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
        int ahead = ahead(job);
        return job.placed(ahead + 1, reason(job, ahead));
    }

    /** Jobs of a list, those that wait with their places. */
    List<Job> of(List<Job> jobs) {
        return jobs.stream().map(this::of).toList();
    }

    /** Why a job waits that is QUEUED, or about to be. */
    String reason(Job job) {
        return reason(job, ahead(job));
    }

    private int ahead(Job job) {
        return changes.queues().ahead(job, owner -> held(owner).isPresent());
    }

    private Optional<String> held(String owner) {
        return changes.holds().reason(owner, changes.queues().underWay(owner));
    }

    private String reason(Job job, int ahead) {
        String device = job.placement().device();
        return "waiting for device " + device + ": "
                + held(job.origin().owner()).orElseGet(() -> place(job, ahead));
    }

    private String place(Job job, int ahead) {
        int before = ahead + (changes.queues().isTaken(job.placement().device()) ? 1 : 0);
        return switch (before) {
            case 0 -> first(job);
            case 1 -> "1 job before this one";
            default -> before + " jobs before this one";
        };
    }

    private String first(Job job) {
        long need = job.placement().memory();
        long free = changes.freeMemory(job.placement().device());
        return need <= free
                ? "next to run"
                : "it needs " + need + " bytes of memory at the least, " + free + " are free";
    }
}
