package dev.ternion.server;

import dev.ternion.api.ResourceNames;
import dev.ternion.api.v1.JobProgress;
import dev.ternion.api.v1.WatchJobsResponse;
import dev.ternion.jobs.Job;
import dev.ternion.jobs.JobEvent;
import dev.ternion.jobs.JobQueue;
import dev.ternion.jobs.JobState;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * A watch of all jobs that also tells, when it has no change to tell, how far running jobs are: of each the newest progress, once, not
 * more often than {@link #PERIOD}. What a client does not take is replaced by what is newer.
 */
final class ProgressSource implements PulledStream.Source<WatchJobsResponse> {
    /** Between two messages of a job. */
    static final Duration PERIOD = Duration.ofSeconds(1);

    /** Jobs whose progress is told; one runs on each device. */
    private static final int MOST_JOBS = 100;

    private final PulledStream.Source<WatchJobsResponse> changes;
    private final JobQueue queue;
    private final boolean wanted;
    private final LongSupplier nanos;
    private final Map<String, Long> told = new HashMap<>();
    private long next;

    /**
     * @param changes goes before progress
     * @param states wanted states; empty means all
     * @param nanos as {@link System#nanoTime}
     */
    ProgressSource(
            PulledStream.Source<WatchJobsResponse> changes, JobQueue queue, Set<JobState> states, LongSupplier nanos) {
        this.changes = changes;
        this.queue = queue;
        this.wanted = states.isEmpty() || states.contains(JobState.RUNNING);
        this.nanos = nanos;
        this.next = nanos.getAsLong();
    }

    @Override
    public Iterator<WatchJobsResponse> read() {
        Iterator<WatchJobsResponse> first = changes.read();
        long now = nanos.getAsLong();
        if (first.hasNext() || !wanted || now - next < 0) {
            return first;
        }
        next = now + PERIOD.toNanos();
        List<Job> running = queue.list(Set.of(JobState.RUNNING), Long.MAX_VALUE, MOST_JOBS);
        told.keySet().retainAll(running.stream().map(Job::uid).collect(Collectors.toSet()));
        return running.isEmpty()
                ? Collections.emptyIterator()
                : running.stream().map(this::progress).flatMap(Optional::stream).iterator();
    }

    private Optional<WatchJobsResponse> progress(Job job) {
        return queue.latest(job.id(), JobEvent.Kind.PROGRESS)
                .filter(event -> event.sequence() > told.getOrDefault(job.uid(), 0L))
                .map(event -> changes.bookmark().toBuilder()
                        .setProgress(JobProgress.newBuilder()
                                .setName(ResourceNames.JOB.name(job.id()))
                                .setUid(job.uid())
                                .setSequence(event.sequence())
                                .setProgress(JobMessages.event(event).getProgress()))
                        .build());
    }

    @Override
    public void sent(WatchJobsResponse message) {
        if (message.hasProgress()) {
            told.put(message.getProgress().getUid(), message.getProgress().getSequence());
        } else {
            changes.sent(message);
        }
    }

    @Override
    public boolean isOver() {
        return changes.isOver();
    }

    @Override
    public WatchJobsResponse bookmark() {
        return changes.bookmark();
    }
}
