package dev.ternion.server;

import dev.ternion.api.ResourceNames;
import dev.ternion.api.v1.JobEvent;
import dev.ternion.jobs.Job;
import dev.ternion.jobs.JobQueue;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;

/**
 * One watch of one job. It keeps nothing but the number of the next event: while the client takes messages, it reads
 * events from that number on; else it waits. So a slow client costs no memory and misses nothing.
 */
final class WatchStream {
    private static final int BATCH = 64;

    private final JobQueue queue;
    private final String jobId;
    private final ServerCallStreamObserver<JobEvent> client;
    private final Clock clock;
    private final Runnable onEnd;
    private final SerialTask pump;
    private JobQueue.Watch watch;
    private long next;
    private boolean ended;
    private boolean quiet;
    private volatile boolean cancelled;
    private volatile boolean heartbeat;
    private volatile Refusal closing;

    /** @param onEnd called once when the watch is over, for whatever reason */
    WatchStream(
            JobQueue queue,
            String jobId,
            long from,
            ServerCallStreamObserver<JobEvent> client,
            Clock clock,
            Executor executor,
            Runnable onEnd) {
        this.queue = queue;
        this.jobId = jobId;
        this.next = Math.max(1, from);
        this.client = client;
        this.clock = clock;
        this.onEnd = onEnd;
        this.pump = new SerialTask(executor, this::pump);
        client.setOnReadyHandler(pump::wake);
        client.setOnCancelHandler(this::cancel);
    }

    /** The first signal may come before this returns; it is worked on afterwards. */
    synchronized void start() {
        watch = queue.watch(jobId, pump::wake);
        pump.wake();
    }

    /** Sends a bookmark if nothing was sent since the last call. */
    void beat() {
        heartbeat = true;
        pump.wake();
    }

    /** Ends the watch with an error. */
    void close(Refusal refusal) {
        closing = refusal;
        pump.wake();
    }

    private void cancel() {
        cancelled = true;
        pump.wake();
    }

    private synchronized void pump() {
        if (ended) {
            return;
        }
        try {
            send();
        } catch (RuntimeException e) {
            end();
            client.onError(Errors.toStatus(e));
        }
    }

    private void send() {
        if (cancelled) {
            end();
            return;
        }
        if (closing != null) {
            throw closing;
        }
        boolean more = true;
        while (more && client.isReady() && !cancelled) {
            more = sendBatch();
        }
        if (!more && !ended) {
            bookmark();
        }
    }

    /** Sends what there is while the client takes it; false if there is no more for now. */
    private boolean sendBatch() {
        List<dev.ternion.jobs.JobEvent> events = queue.events(jobId, next, BATCH);
        if (events.isEmpty()) {
            return mayGoOn();
        }
        for (dev.ternion.jobs.JobEvent event : events) {
            if (!client.isReady() || cancelled) {
                return true;
            }
            client.onNext(JobMessages.event(event));
            next = event.sequence() + 1;
            quiet = false;
        }
        return true;
    }

    /** With no event left: ends the watch of a final job; true if an event came meanwhile. */
    private boolean mayGoOn() {
        Job job = queue.get(jobId);
        if (!job.state().isFinal()) {
            return false;
        }
        if (queue.lastSequence(jobId) >= next) {
            return true;
        }
        end();
        client.onCompleted();
        return false;
    }

    private void bookmark() {
        if (!heartbeat) {
            return;
        }
        heartbeat = false;
        if (quiet) {
            client.onNext(JobMessages.bookmark(next - 1, clock.instant()));
        }
        quiet = true;
    }

    private void end() {
        ended = true;
        watch.close();
        onEnd.run();
    }

    /** Requires that the first event wanted exists or is the next one. */
    static void requirePast(JobQueue queue, String jobId, long from) {
        long last = queue.lastSequence(jobId);
        if (from < 0) {
            throw Refusal.invalid(Requests.REASON, "from_sequence", "is " + from + ", wanted 0 to " + (last + 1));
        }
        if (from > last + 1) {
            throw Refusal.outOfRange(
                    "WATCH_FUTURE",
                    "from_sequence is " + from + ", wanted at most " + (last + 1) + ": the last event of "
                            + ResourceNames.JOB.name(jobId) + " has number " + last,
                    Map.of("last_sequence", String.valueOf(last)));
        }
    }
}
