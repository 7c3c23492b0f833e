package dev.ternion.server;

import dev.ternion.jobs.JobQueue;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** All open watches: beats for them, and ends them when the server stops. */
final class Watches {
    private final Set<PulledStream<?>> open = ConcurrentHashMap.newKeySet();
    private final Executor executor;
    private final ScheduledExecutorService scheduler;
    private volatile Refusal closed;

    /** @param heartbeat a quiet watch gets a bookmark within this time */
    Watches(Executor executor, ScheduledExecutorService scheduler, Duration heartbeat) {
        this.executor = executor;
        this.scheduler = scheduler;
        long half = Math.max(1, heartbeat.toMillis() / 2);
        scheduler.scheduleAtFixedRate(() -> open.forEach(PulledStream::beat), half, half, TimeUnit.MILLISECONDS);
    }

    /**
     * Begins a watch. One whose call was let in just before {@link #closeAll} ends at once, too.
     *
     * @param subscribe see {@link PulledStream#start}
     */
    <T> void start(
            PulledStream.Source<T> source,
            Function<Runnable, JobQueue.Watch> subscribe,
            ServerCallStreamObserver<T> client) {
        PulledStream<?>[] self = new PulledStream<?>[1];
        PulledStream<T> stream = new PulledStream<>(source, client, executor, () -> open.remove(self[0]));
        self[0] = stream;
        open.add(stream);
        stream.start(subscribe);
        Refusal refusal = closed;
        if (refusal != null) {
            stream.close(refusal);
        }
    }

    /** Subscribes, and wakes the watch also at every period, as there may be more without a signal. */
    Function<Runnable, JobQueue.Watch> every(Duration period, Function<Runnable, JobQueue.Watch> subscribe) {
        return wake -> {
            JobQueue.Watch watch = subscribe.apply(wake);
            ScheduledFuture<?> tick =
                    scheduler.scheduleAtFixedRate(wake, period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
            return () -> {
                tick.cancel(false);
                watch.close();
            };
        };
    }

    /** Watches that are open. */
    int count() {
        return open.size();
    }

    /** Ends all watches, and those that begin later. */
    void closeAll(Refusal refusal) {
        closed = refusal;
        open.forEach(stream -> stream.close(refusal));
    }
}
