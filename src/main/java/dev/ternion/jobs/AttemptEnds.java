package dev.ternion.jobs;

import java.time.Duration;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of a job when its attempt is over. Each method gives the job its next state; the caller is in
 * {@link JobChanges#exclusively}, and the job has its active time.
 */
final class AttemptEnds {
    private static final Logger LOG = LoggerFactory.getLogger(AttemptEnds.class);

    private final JobChanges changes;

    AttemptEnds(JobChanges changes) {
        this.changes = changes;
    }

    /** The job is done. */
    Job succeeded(Job job, Outcome.Succeeded done) {
        return changes.become(
                job,
                job.reported(done.report()).became(JobState.SUCCEEDED, "done", changes.now()),
                new JobEvent.Recorded(JobEvent.Kind.REPORT, done.event()));
    }

    /** The job cannot go on. */
    Job failed(Job job, JobError error) {
        return ended(job, JobState.FAILED, error);
    }

    /** The job has had its device as long as it may. */
    Job expired(Job job) {
        Duration longest = job.placement().longest();
        JobError error = new JobError(
                JobError.DEADLINE,
                "it has run for " + seconds(job.runs().active()) + " s, its max_run_time is " + seconds(longest)
                        + " s; submit it again with a longer one",
                Map.of(
                        "run_seconds", seconds(job.runs().active()),
                        "max_run_seconds", seconds(longest)));
        return ended(job, JobState.EXPIRED, error);
    }

    private static String seconds(Duration time) {
        return String.valueOf(time.toMillis() / 1000.0);
    }

    private Job ended(Job job, JobState state, JobError error) {
        String reason = error.reason() + ": " + error.message();
        return changes.become(job, job.became(state, reason, job.runs(), error, changes.now()));
    }

    /** The worker is gone, or will be: the job waits again, unless that happened too often or it is not to go on. */
    Job lost(Job job, String why) {
        LOG.warn("job {}, attempt {}: {}", job.id(), job.runs().newest(), why);
        if (job.state() == JobState.CANCELLING || job.state() == JobState.PAUSING) {
            return released(job, why);
        }
        if (job.isOverLimit()) {
            return expired(job);
        }
        if (job.runs().counted() < JobRuns.MAX_ATTEMPTS) {
            return changes.become(job, job.became(JobState.QUEUED, waiting(why), changes.now()));
        }
        JobError error = new JobError(
                JobError.WORKER_LOST,
                "its worker was lost " + job.runs().counted() + " times, at last: " + why
                        + "; see the server's log and the system's for what ended it, memory above all",
                Map.of("attempts", String.valueOf(job.runs().counted())));
        return failed(job, error);
    }

    /** A worker that was asked to stop has done so, or is made to. The attempt does not count. */
    Job released(Job job, String why) {
        if (job.state() == JobState.CANCELLING) {
            return changes.become(job, job.became(JobState.CANCELLED, job.reason(), changes.now()));
        }
        if (job.isOverLimit()) {
            return expired(job);
        }
        boolean pausing = job.state() == JobState.PAUSING;
        return changes.become(
                job,
                job.became(
                        pausing ? JobState.PAUSED : JobState.QUEUED,
                        pausing ? job.reason() : waiting(why),
                        job.runs().givenBack(),
                        null,
                        changes.now()));
    }

    private static String waiting(String why) {
        return "waiting: " + why + ", it goes on";
    }
}
