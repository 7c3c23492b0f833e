package dev.ternion;

import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.SettableFuture;
import dev.ternion.api.ResourceNames;
import dev.ternion.api.v1.CancelJobRequest;
import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.JobServiceGrpc;
import dev.ternion.api.v1.JobServiceGrpc.JobServiceFutureStub;
import dev.ternion.api.v1.WatchJobsRequest;
import dev.ternion.api.v1.WatchJobsResponse;
import dev.ternion.jobs.JobChanges;
import dev.ternion.jobs.JobQueue;
import dev.ternion.jobs.Opaque;
import dev.ternion.jobs.Placement;
import dev.ternion.jobs.Submission;
import dev.ternion.store.JobDatabase;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Many watchers of all jobs, each on a connection of its own, and jobs that are cancelled in front of them. */
final class FanOut implements AutoCloseable {
    private final List<ManagedChannel> channels = new ArrayList<>();
    private final Map<String, Arrival> arrivals = new ConcurrentHashMap<>();
    private final int watchers;

    /** How many watchers have yet to hear that a job was cancelled. */
    private static final class Arrival {
        private final AtomicInteger left;
        private final SettableFuture<Void> last = SettableFuture.create();

        private Arrival(int watchers) {
            left = new AtomicInteger(watchers);
        }
    }

    /** Writes paused jobs, which no worker is started for: {@code fan-0} and on. */
    static void write(Path data, int jobs) throws IOException {
        try (JobDatabase database = JobDatabase.inFolder(data, fault -> {})) {
            JobQueue queue = new JobQueue(new JobChanges(database.store(), Clock.systemUTC()), UUID::randomUUID, 1);
            Opaque spec = Opaque.of(KilledServerIT.fineTune(3).toByteArray());
            for (int i = 0; i < jobs; i++) {
                queue.pause(
                        queue.submit(new Submission("fan-" + i, "", spec, Placement.on("cpu"), "", ""))
                                .id(),
                        "for later");
            }
        }
    }

    /** Returns when all of them have been told of all jobs. */
    FanOut(ServerProcess server, int watchers) throws InterruptedException {
        this.watchers = watchers;
        CountDownLatch synced = new CountDownLatch(watchers);
        for (int i = 0; i < watchers; i++) {
            ManagedChannel channel = server.connect();
            channels.add(channel);
            JobServiceGrpc.newStub(channel).watchJobs(WatchJobsRequest.getDefaultInstance(), new StreamObserver<>() {
                @Override
                public void onNext(WatchJobsResponse message) {
                    if (message.hasSyncEnd()) {
                        synced.countDown();
                    } else if (message.getJob().getState() == Job.State.STATE_CANCELLED) {
                        Arrival arrival = arrival(message.getJob().getName());
                        if (arrival.left.decrementAndGet() == 0) {
                            arrival.last.set(null);
                        }
                    }
                }

                @Override
                public void onError(Throwable problem) {
                    arrivals.values().forEach(arrival -> arrival.last.setException(problem));
                }

                @Override
                public void onCompleted() {
                    onError(new IllegalStateException("a watch of all jobs has ended"));
                }
            });
        }
        synced.await();
    }

    /** Cancels a job; done when it is answered and all watchers have heard of it. */
    ListenableFuture<?> cancel(JobServiceFutureStub stub, int number) {
        String name = ResourceNames.JOB.name("fan-" + number);
        SettableFuture<Void> heard = arrival(name).last;
        return Futures.allAsList(
                stub.cancelJob(CancelJobRequest.newBuilder().setName(name).build()), heard);
    }

    private Arrival arrival(String name) {
        return arrivals.computeIfAbsent(name, n -> new Arrival(watchers));
    }

    @Override
    public void close() {
        channels.forEach(ManagedChannel::shutdownNow);
    }
}
