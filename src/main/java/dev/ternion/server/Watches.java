package dev.ternion.server;

import dev.ternion.jobs.JobQueue;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** All open watches: beats for them, and ends them when the server stops. */
final class Watches {
    private final Set<PulledStream<?>> open = ConcurrentHashMap.newKeySet();
    private final Executor executor;

    /** @param heartbeat a quiet watch gets a bookmark within this time */
    Watches(Executor executor, ScheduledExecutorService scheduler, Duration heartbeat) {
        this.executor = executor;
        long half = Math.max(1, heartbeat.toMillis() / 2);
        scheduler.scheduleAtFixedRate(() -> open.forEach(PulledStream::beat), half, half, TimeUnit.MILLISECONDS);
    }

    /** @param subscribe see {@link PulledStream#start} */
    <T> void start(
            PulledStream.Source<T> source,
            Function<Runnable, JobQueue.Watch> subscribe,
            ServerCallStreamObserver<T> client) {
        PulledStream<?>[] self = new PulledStream<?>[1];
        PulledStream<T> stream = new PulledStream<>(source, client, executor, () -> open.remove(self[0]));
        self[0] = stream;
        open.add(stream);
        stream.start(subscribe);
    }

    /** Watches that are open. */
    int count() {
        return open.size();
    }

    void closeAll(Refusal refusal) {
        open.forEach(stream -> stream.close(refusal));
    }
}
