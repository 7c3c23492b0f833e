package dev.ternion.jobs;

import java.util.Set;

/**
 * A change of a job: it was made, went into another state, or was deleted.
 *
 * @param revision place among all changes of all jobs, in the order of their commits; rises by one
 * @param from state before; null for a new job, and for one told as it stands
 * @param job as it was after this change, as an {@link Job#outline outline}; deleted: as it was before
 * @param lastSequence number of its newest event then
 * @param deleted whether it was deleted
 */
public record Change(long revision, JobState from, Job job, long lastSequence, boolean deleted) {
    /** Whether the job was in one of these states before or after; empty means all. */
    public boolean touches(Set<JobState> states) {
        return states.isEmpty() || states.contains(job.state()) || from != null && states.contains(from);
    }
}
