package dev.ternion.server;

import dev.ternion.api.v1.JobEvent;
import dev.ternion.jobs.JobQueue;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** All open watches: beats for them, and ends them when the server stops. */
final class Watches {
    private final Set<WatchStream> open = ConcurrentHashMap.newKeySet();
    private final JobQueue queue;
    private final Clock clock;
    private final Executor executor;

    /** @param heartbeat a quiet watch gets a bookmark within this time */
    Watches(JobQueue queue, Clock clock, Executor executor, ScheduledExecutorService scheduler, Duration heartbeat) {
        this.queue = queue;
        this.clock = clock;
        this.executor = executor;
        long half = Math.max(1, heartbeat.toMillis() / 2);
        scheduler.scheduleAtFixedRate(() -> open.forEach(WatchStream::beat), half, half, TimeUnit.MILLISECONDS);
    }

    void start(String jobId, long from, ServerCallStreamObserver<JobEvent> client) {
        WatchStream[] self = new WatchStream[1];
        WatchStream stream = new WatchStream(queue, jobId, from, client, clock, executor, () -> open.remove(self[0]));
        self[0] = stream;
        open.add(stream);
        stream.start();
    }

    /** Watches that are open. */
    int count() {
        return open.size();
    }

    void closeAll(Refusal refusal) {
        open.forEach(stream -> stream.close(refusal));
    }
}
