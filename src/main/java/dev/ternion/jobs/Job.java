package dev.ternion.jobs;

import java.time.Duration;
import java.time.Instant;

/**
 * A job as it stands; changes make new records.
 *
 * @param id chosen name, unique among the jobs that exist
 * @param uid never used twice
 * @param number order of creation, from 1
 * @param displayName for people
 * @param spec what to do, opaque
 * @param placement where, when and how long it runs
 * @param requestId id of the request that made it; empty for none
 * @param fingerprint of that request's body
 * @param origin where it comes from
 * @param state where it stands
 * @param reason why it stands there
 * @param position place in the queue from 1; 0 when not waiting. Filled by {@link JobQueue}, not stored
 * @param runs attempts so far
 * @param created when it was created
 * @param started when it began to run, or null
 * @param ended when it became final, or null
 * @param error why it failed or expired, or null
 * @param report its report, opaque, or null
 * @param revision counts the changes of this record, from 1
 */
public record Job(
        String id,
        String uid,
        long number,
        String displayName,
        Opaque spec,
        Placement placement,
        String requestId,
        String fingerprint,
        Origin origin,
        JobState state,
        String reason,
        int position,
        Runs runs,
        Instant created,
        Instant started,
        Instant ended,
        JobError error,
        Opaque report,
        long revision) {

    /** A new job, to be numbered by the store. */
    static Job queued(String id, String uid, Submission submission, Instant now) {
        return new Job(
                id,
                uid,
                0,
                submission.displayName(),
                submission.spec(),
                submission.placement(),
                submission.requestId(),
                submission.fingerprint(),
                submission.origin(),
                JobState.QUEUED,
                "waiting",
                0,
                Runs.NONE,
                now,
                null,
                null,
                null,
                null,
                1);
    }

    /** Higher runs first. */
    public int priority() {
        return placement.priority();
    }

    /** Whether it has had a device as long as it may. */
    boolean isOverLimit() {
        return placement.longest() != null && runs.active().compareTo(placement.longest()) >= 0;
    }

    /** The same under a number. */
    public Job numbered(long newNumber) {
        return with(newNumber, state, reason, position, runs, started, ended, error, report, revision);
    }

    /** The same with its place in the queue. */
    Job placed(int newPosition, String newReason) {
        return with(number, state, newReason, newPosition, runs, started, ended, error, report, revision);
    }

    /** The same without its spec, request, trace, worker, active time and the bytes of its report: what is told of it in a list of changes. */
    public Job outline() {
        return new Job(
                id,
                uid,
                number,
                displayName,
                Opaque.EMPTY,
                placement,
                "",
                "",
                new Origin(origin.owner(), ""),
                state,
                reason,
                0,
                new Runs(runs.counted(), runs.newest(), "", Duration.ZERO),
                created,
                started,
                ended,
                error,
                report == null ? null : Opaque.EMPTY,
                revision);
    }

    /** The same with its report, which is no change by itself. */
    Job reported(Opaque newReport) {
        return with(number, state, reason, position, runs, started, ended, error, newReport, revision);
    }

    /** The same after another time with a device, which is no change by itself. */
    public Job active(Duration time) {
        return with(number, state, reason, position, runs.active(time), started, ended, error, report, revision);
    }

    /**
     * The same in another state.
     *
     * @throws IllegalStateException if the state table does not allow it
     */
    Job became(JobState next, String newReason, Runs newRuns, JobError newError, Instant now) {
        if (!state.mayBecome(next)) {
            throw new IllegalStateException("job " + id + " is " + state + ", cannot become " + next);
        }
        Instant start = next == JobState.RUNNING ? now : started;
        Instant end = next.isFinal() ? now : null;
        return with(number, next, newReason, 0, newRuns, start, end, newError, report, revision + 1);
    }

    /** The same in another state, of the same attempts. */
    Job became(JobState next, String newReason, Instant now) {
        return became(next, newReason, runs, null, now);
    }

    /** The same but for what may change. */
    private Job with(
            long newNumber,
            JobState newState,
            String newReason,
            int newPosition,
            Runs newRuns,
            Instant newStarted,
            Instant newEnded,
            JobError newError,
            Opaque newReport,
            long newRevision) {
        return new Job(
                id,
                uid,
                newNumber,
                displayName,
                spec,
                placement,
                requestId,
                fingerprint,
                origin,
                newState,
                newReason,
                newPosition,
                newRuns,
                created,
                newStarted,
                newEnded,
                newError,
                newReport,
                newRevision);
    }
}
