package dev.ternion.server;

import com.google.rpc.Code;
import dev.ternion.jobs.JobQueue;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * One endless stream to one client. While the client takes messages they are read from the source; else it waits and keeps
 * none. So a slow client costs no memory and misses nothing. One that takes nothing for {@link #MAX_STALLED_BEATS} beats is cut
 * with WATCH_TOO_SLOW, and may go on where it was.
 */
final class PulledStream<T> {
    /** Beats, of which two make a heartbeat, that a client may take nothing although there is something. */
    static final int MAX_STALLED_BEATS = 8;

    /** Where the messages come from; called by one thread at a time. */
    interface Source<T> {
        /** The next messages, a few, each made when it is asked for; begins with the first that was not sent. Empty if there is none. */
        Iterator<T> read();

        /** This message, the next one of {@link #read}, was sent. */
        void sent(T message);

        /** With nothing left to read: whether nothing will come. */
        boolean isOver();

        /** Says that the stream lives, and that all up to here was sent. */
        T bookmark();
    }

    private static final Duration RETRY = Duration.ofSeconds(1);

    private final Source<T> source;
    private final ServerCallStreamObserver<T> client;
    private final Runnable onEnd;
    private final SerialTask pump;
    private JobQueue.Watch watch;
    private boolean ended;
    private boolean quiet;
    private boolean sentSinceBeat;
    private int stalledBeats;
    private volatile boolean cancelled;
    private volatile boolean heartbeat;
    private volatile Refusal closing;

    /** @param onEnd called once when the stream is over, for whatever reason */
    PulledStream(Source<T> source, ServerCallStreamObserver<T> client, Executor executor, Runnable onEnd) {
        this.source = source;
        this.client = client;
        this.onEnd = onEnd;
        this.pump = new SerialTask(executor, this::pump);
        client.setOnReadyHandler(pump::wake);
        client.setOnCancelHandler(this::cancel);
    }

    /**
     * Begins. The first signal may come before this returns; it is worked on afterwards.
     *
     * @param subscribe asks for a call of what it is given whenever the source may have more
     */
    synchronized void start(Function<Runnable, JobQueue.Watch> subscribe) {
        watch = subscribe.apply(pump::wake);
        pump.wake();
    }

    /** Sends a bookmark if nothing was sent since the last call; looks whether the client takes anything. */
    void beat() {
        heartbeat = true;
        pump.wake();
    }

    /** Ends the stream with an error. */
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
        if (heartbeat && !ended && !cancelled) {
            heartbeat = false;
            beat(more);
        }
    }

    /** Sends what there is while the client takes it; false if there is no more for now. */
    private boolean sendBatch() {
        Iterator<T> messages = source.read();
        if (!messages.hasNext()) {
            return mayGoOn();
        }
        while (messages.hasNext() && client.isReady() && !cancelled) {
            T message = messages.next();
            client.onNext(message);
            source.sent(message);
            sentSinceBeat = true;
            quiet = false;
        }
        return true;
    }

    /** With nothing left: ends the stream if nothing will come; true if something came meanwhile. */
    private boolean mayGoOn() {
        if (!source.isOver()) {
            return false;
        }
        if (source.read().hasNext()) {
            return true;
        }
        end();
        client.onCompleted();
        return false;
    }

    private void beat(boolean more) {
        if (!more) {
            if (quiet) {
                client.onNext(source.bookmark());
            }
            quiet = true;
        }
        stalledBeats = more && !sentSinceBeat ? stalledBeats + 1 : 0;
        sentSinceBeat = false;
        if (stalledBeats >= MAX_STALLED_BEATS) {
            throw Refusal.later(
                    Code.RESOURCE_EXHAUSTED,
                    "WATCH_TOO_SLOW",
                    "the client has taken nothing for " + stalledBeats
                            + " half heartbeats although there is more; go on after the last message taken",
                    Map.of(),
                    RETRY);
        }
    }

    private void end() {
        ended = true;
        watch.close();
        onEnd.run();
    }
}
