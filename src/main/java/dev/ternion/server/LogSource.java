package dev.ternion.server;

import dev.ternion.api.v1.TailLogsResponse;
import dev.ternion.jobs.JobQueue;
import java.util.Iterator;

/** The log of one job from a number on; over with the last line of a final job. */
final class LogSource implements PulledStream.Source<TailLogsResponse> {
    private static final int BATCH = 64;

    private final JobQueue queue;
    private final LogReader reader;
    private final String job;
    private long next;

    LogSource(JobQueue queue, LogReader reader, String job, long from) {
        this.queue = queue;
        this.reader = reader;
        this.job = job;
        this.next = from;
    }

    @Override
    public Iterator<TailLogsResponse> read() {
        return reader.from(next, BATCH).stream()
                .map(entry -> TailLogsResponse.newBuilder()
                        .setEntry(LogReader.message(entry))
                        .build())
                .iterator();
    }

    @Override
    public void sent(TailLogsResponse message) {
        next = message.getEntry().getSequence() + 1;
    }

    @Override
    public boolean isOver() {
        return queue.get(job).state().isFinal();
    }

    @Override
    public TailLogsResponse bookmark() {
        return TailLogsResponse.newBuilder().setBookmark(next - 1).build();
    }
}
