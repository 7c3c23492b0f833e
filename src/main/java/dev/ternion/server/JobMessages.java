package dev.ternion.server;

import static dev.ternion.api.EventMapper.timestamp;

import dev.ternion.api.EventMapper;
import dev.ternion.api.ResourceNames;
import dev.ternion.api.SpecMapper;
import dev.ternion.api.v1.Bookmark;
import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.JobDeleted;
import dev.ternion.api.v1.JobEvent;
import dev.ternion.api.v1.JobSpec;
import dev.ternion.api.v1.StateChange;
import dev.ternion.api.v1.WatchJobsResponse;
import dev.ternion.jobs.Change;
import dev.ternion.jobs.JobError;
import dev.ternion.jobs.JobEvent.Kind;
import dev.ternion.jobs.JobEvent.Recorded;
import dev.ternion.jobs.JobEvent.StateChanged;
import dev.ternion.jobs.JobQueue;
import dev.ternion.jobs.JobState;
import java.time.Instant;

/** Jobs and their events as messages. */
final class JobMessages {
    private JobMessages() {}

    static Job job(dev.ternion.jobs.Job job, JobQueue queue) {
        Job.Builder proto = record(job, queue.lastSequence(job.id()))
                .setQueuePosition(job.position())
                .setRunTime(Durations.message(job.runs().active()));
        queue.latest(job.id(), Kind.PROGRESS)
                .map(event -> event(event).getProgress())
                .ifPresent(proto::setProgress);
        return proto.build();
    }

    /** What the record of a job has, without a look at its events and its place. */
    static Job record(dev.ternion.jobs.Job job) {
        return record(job, 0).build();
    }

    private static Job.Builder record(dev.ternion.jobs.Job job, long lastSequence) {
        JobSpec spec = SpecMapper.message(job.spec().bytes());
        return outline(job, lastSequence)
                .setSpec(spec)
                .setForkedFrom(SpecMapper.beginAt(spec))
                .addAllSeeds(SpecMapper.seeds(spec));
    }

    /** A change as a message that has its revision already. */
    static WatchJobsResponse change(Change change, WatchJobsResponse.Builder proto) {
        dev.ternion.jobs.Job job = change.job();
        if (change.deleted()) {
            return proto.setDeleted(JobDeleted.newBuilder()
                            .setName(ResourceNames.JOB.name(job.id()))
                            .setUid(job.uid()))
                    .build();
        }
        return proto.setJob(outline(job, change.lastSequence())).build();
    }

    /** What an {@link dev.ternion.jobs.Job#outline} has. */
    private static Job.Builder outline(dev.ternion.jobs.Job job, long lastSequence) {
        Job.Builder proto = Job.newBuilder()
                .setName(ResourceNames.JOB.name(job.id()))
                .setUid(job.uid())
                .setDisplayName(job.displayName())
                .setOwner(job.origin().owner())
                .setPriority(job.priority())
                .setState(state(job.state()))
                .setStateReason(job.reason())
                .setAttempts(job.runs().counted())
                .setCreateTime(timestamp(job.created()))
                .setEtag(job.uid().substring(0, 8) + "-" + job.revision())
                .setLastSequence(lastSequence)
                .setReportReady(job.report() != null);
        if (job.placement().longest() != null) {
            proto.setMaxRunTime(Durations.message(job.placement().longest()));
        }
        if (job.started() != null) {
            proto.setStartTime(timestamp(job.started()));
        }
        if (job.ended() != null) {
            proto.setEndTime(timestamp(job.ended()));
        }
        if (job.error() != null) {
            proto.setError(error(job.error()));
        }
        return proto;
    }

    static JobEvent event(dev.ternion.jobs.JobEvent event) {
        JobEvent.Builder proto;
        if (event.body() instanceof Recorded recorded) {
            proto = EventMapper.message(recorded.payload().bytes()).toBuilder();
        } else {
            proto = JobEvent.newBuilder().setStateChange(stateChange((StateChanged) event.body()));
        }
        return proto.setSequence(event.sequence())
                .setTime(timestamp(event.time()))
                .build();
    }

    static JobEvent bookmark(long sequence, Instant time) {
        return JobEvent.newBuilder()
                .setSequence(sequence)
                .setTime(timestamp(time))
                .setBookmark(Bookmark.getDefaultInstance())
                .build();
    }

    static Job.State state(JobState state) {
        return state == null ? Job.State.STATE_UNSPECIFIED : Job.State.valueOf("STATE_" + state.name());
    }

    private static StateChange stateChange(StateChanged change) {
        StateChange.Builder proto = StateChange.newBuilder()
                .setFrom(state(change.from()))
                .setTo(state(change.to()))
                .setReason(change.reason());
        if (change.error() != null) {
            proto.setError(error(change.error()));
        }
        return proto.build();
    }

    private static com.google.rpc.Status error(JobError error) {
        return Refusal.jobError(error.reason(), error.message(), error.details());
    }
}
