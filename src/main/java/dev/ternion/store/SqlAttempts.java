package dev.ternion.store;

import dev.ternion.jobs.AttemptEntry;
import dev.ternion.jobs.Job;
import dev.ternion.jobs.JobEvent;
import dev.ternion.jobs.JobEvent.StateChanged;
import dev.ternion.jobs.JobState;
import dev.ternion.jobs.JobStore;
import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** The table of attempts, which follows the jobs' states in their transactions. */
final class SqlAttempts {
    private SqlAttempts() {}

    /** To be called before the job's own row is changed. */
    static void follow(Handle h, Job job, List<JobEvent.Body> change, Instant time) {
        for (JobEvent.Body body : change) {
            if (body instanceof StateChanged state) {
                if (state.to() == JobState.STARTING) {
                    begin(h, job, time);
                }
                boolean counts = state.to() != JobState.QUEUED || counts(h, job);
                AttemptEntry.End.of(state, counts).ifPresent(end -> end(h, job, end, state.reason(), time));
            }
        }
    }

    private static boolean counts(Handle h, Job job) {
        return h.createQuery("SELECT attempts FROM jobs WHERE number = :job")
                .bind("job", job.number())
                .mapTo(Integer.class)
                .findOne()
                .map(before -> job.runs().counted() >= before)
                .orElse(true);
    }

    private static void begin(Handle h, Job job, Instant time) {
        h.createUpdate("INSERT INTO attempts (job, number, started, reason) VALUES (:job, :number, :time, '')"
                        + " ON CONFLICT (job, number) DO NOTHING")
                .bind("job", job.number())
                .bind("number", job.runs().newest())
                .bind("time", Rows.nanos(time))
                .execute();
        h.createUpdate("DELETE FROM attempts WHERE job = :job AND number <= :old")
                .bind("job", job.number())
                .bind("old", job.runs().newest() - JobStore.ATTEMPTS_KEPT)
                .execute();
    }

    private static void end(Handle h, Job job, AttemptEntry.End end, String reason, Instant time) {
        h.createUpdate("UPDATE attempts SET ended = :time, outcome = :end, reason = :reason"
                        + " WHERE job = :job AND number = :number")
                .bind("time", Rows.nanos(time))
                .bind("end", end.name())
                .bind("reason", reason)
                .bind("job", job.number())
                .bind("number", job.runs().newest())
                .execute();
    }

    static List<AttemptEntry> list(Handle h, String id) {
        return h.createQuery("SELECT a.* FROM attempts a JOIN jobs j ON a.job = j.number WHERE j.id = :id"
                        + " ORDER BY a.number DESC")
                .bind("id", id)
                .map((row, context) -> Rows.attempt(row))
                .list();
    }
}
