package dev.ternion.server;

import dev.ternion.jobs.JobQueue;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.util.Map;
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
    private final Map<String, Integer> callers = new ConcurrentHashMap<>();
    private final Executor executor;
    private final ScheduledExecutorService scheduler;
    private final Quotas quotas;
    private volatile Refusal closed;

    /**
     * @param heartbeat a quiet watch gets a bookmark within this time
     * @param quotas of open watches of a caller
     */
    Watches(Executor executor, ScheduledExecutorService scheduler, Duration heartbeat, Quotas quotas) {
        this.executor = executor;
        this.scheduler = scheduler;
        this.quotas = quotas;
        long half = Math.max(1, heartbeat.toMillis() / 2);
        scheduler.scheduleAtFixedRate(() -> open.forEach(PulledStream::beat), half, half, TimeUnit.MILLISECONDS);
    }

    /**
     * Begins a watch. One whose call was let in just before {@link #closeAll} ends at once, too.
     *
     * @param subscribe see {@link PulledStream#start}
     * @throws Refusal QUOTA_EXCEEDED
     */
    <T> void start(
            PulledStream.Source<T> source,
            Function<Runnable, JobQueue.Watch> subscribe,
            ServerCallStreamObserver<T> client) {
        String caller = AuthInterceptor.caller();
        take(caller);
        PulledStream<?>[] self = new PulledStream<?>[1];
        PulledStream<T> stream = new PulledStream<>(source, client, executor, () -> {
            give(caller);
            open.remove(self[0]);
        });
        self[0] = stream;
        open.add(stream);
        try {
            stream.start(subscribe);
        } catch (RuntimeException e) {
            give(caller);
            open.remove(stream);
            throw e;
        }
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

    private void take(String caller) {
        callers.compute(caller, (id, count) -> {
            int before = count == null ? 0 : count;
            quotas.requireWatch(id, before);
            return before + 1;
        });
    }

    private void give(String caller) {
        callers.computeIfPresent(caller, (id, count) -> count == 1 ? null : count - 1);
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
