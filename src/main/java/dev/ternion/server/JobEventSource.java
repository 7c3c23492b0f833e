package dev.ternion.server;

import dev.ternion.api.ResourceNames;
import dev.ternion.api.v1.JobEvent;
import dev.ternion.jobs.JobQueue;
import java.time.Clock;
import java.util.Iterator;

/** The events of one job from a number on; over with the last event of a final job. */
final class JobEventSource implements PulledStream.Source<JobEvent> {
    private static final int BATCH = 64;

    private final JobQueue queue;
    private final String jobId;
    private final Clock clock;
    private long next;

    JobEventSource(JobQueue queue, String jobId, long from, Clock clock) {
        this.queue = queue;
        this.jobId = jobId;
        this.next = Math.max(1, from);
        this.clock = clock;
    }

    @Override
    public Iterator<JobEvent> read() {
        return queue.events(jobId, next, BATCH).stream().map(JobMessages::event).iterator();
    }

    @Override
    public void sent(JobEvent event) {
        next = event.getSequence() + 1;
    }

    @Override
    public boolean isOver() {
        return queue.get(jobId).state().isFinal();
    }

    @Override
    public JobEvent bookmark() {
        return JobMessages.bookmark(next - 1, clock.instant());
    }

    /** Requires that the first event wanted exists or is the next one. */
    static void requirePast(JobQueue queue, String jobId, long from) {
        Requests.requirePast("event of " + ResourceNames.JOB.name(jobId), from, queue.lastSequence(jobId));
    }
}
