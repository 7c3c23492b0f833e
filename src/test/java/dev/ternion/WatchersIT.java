package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ternion.api.ResourceNames;
import dev.ternion.api.v1.CreateJobRequest;
import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.JobEvent;
import dev.ternion.api.v1.JobServiceGrpc;
import dev.ternion.api.v1.JobSpec;
import dev.ternion.api.v1.WatchJobRequest;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bar R-10, for watches of one job: 200 watchers that drop their streams and resume, across two kills of the server. */
class WatchersIT {
    private static final int WATCHERS = 200;
    private static final int STEPS = 2000;
    private static final int EVERY = 50;

    /** A stream lives for so many events at most, before its client drops it. */
    private static final int MOST = 150;

    @TempDir
    Path folder;

    private final AtomicReference<ServerProcess> current = new AtomicReference<>();
    private final AtomicInteger drops = new AtomicInteger();

    @Test
    void everyWatcherSeesEveryEventOnceAndInOrder() throws Exception {
        new TinyServer(folder).filled().close();
        Path data = folder.resolve("data");
        Path log = Files.createFile(folder.resolve("server.log"));
        current.set(new ServerProcess(data, log));
        JobSpec.Builder spec = KilledServerIT.fineTune(STEPS).toBuilder();
        spec.getFineTuneBuilder().getBudgetBuilder().setEvalEvery(EVERY);
        CreateJobRequest.Builder create = CreateJobRequest.newBuilder().setJobId("watched");
        create.getJobBuilder().setSpec(spec);
        current.get().jobs().createJob(create.build());
        List<Watcher> watchers = new ArrayList<>();
        try {
            for (int i = 0; i < WATCHERS; i++) {
                watchers.add(new Watcher(i));
            }
            for (int kill = 1; kill <= 2; kill++) {
                int evaluations = 8 * kill;
                await().atMost(Duration.ofMinutes(1)).until(() -> step() >= evaluations * EVERY);
                current.get().killAlone();
                current.set(new ServerProcess(data, log));
            }
            for (Watcher watcher : watchers) {
                watcher.thread.join();
            }
            Job job = current.get().job("watched");
            assertThat(job.getState()).isEqualTo(Job.State.STATE_SUCCEEDED);
            List<Long> all =
                    LongStream.rangeClosed(1, job.getLastSequence()).boxed().toList();
            assertThat(all).hasSizeGreaterThan(STEPS / EVERY);
            for (Watcher watcher : watchers) {
                assertThat(watcher.failure).as("watcher %d", watcher.number).isNull();
                assertThat(watcher.seen).as("watcher %d", watcher.number).isEqualTo(all);
            }
            assertThat(drops.get()).as("streams that ended early").isGreaterThan(2 * WATCHERS);
        } finally {
            current.get().close();
        }
    }

    private int step() {
        return current.get().job("watched").getProgress().getStep();
    }

    /** Reads on after what it has seen, until it has seen the end. */
    private final class Watcher {
        private final int number;
        private final Random random;
        private final List<Long> seen = new ArrayList<>();
        private final Thread thread;
        private boolean over;
        private volatile RuntimeException failure;

        private Watcher(int number) {
            this.number = number;
            random = new Random(number);
            thread = new Thread(this::run, "watcher " + number);
            thread.start();
        }

        private void run() {
            try {
                while (!over) {
                    ManagedChannel connection = current.get().connect();
                    try {
                        read(JobServiceGrpc.newBlockingStub(connection));
                    } finally {
                        connection.shutdownNow();
                    }
                }
            } catch (RuntimeException e) {
                failure = e;
            }
        }

        private void read(JobServiceGrpc.JobServiceBlockingStub jobs) {
            int left = 1 + random.nextInt(MOST);
            try {
                Iterator<JobEvent> events = jobs.watchJob(WatchJobRequest.newBuilder()
                        .setName(ResourceNames.JOB.name("watched"))
                        .setFromSequence(seen.size() + 1L)
                        .build());
                while (events.hasNext() && left > 0) {
                    JobEvent event = events.next();
                    if (!event.hasBookmark()) {
                        seen.add(event.getSequence());
                        left--;
                    }
                }
                over = left > 0;
            } catch (StatusRuntimeException e) {
                if (e.getStatus().getCode() != Status.Code.UNAVAILABLE) {
                    throw e;
                }
                pause();
            }
            drops.incrementAndGet();
        }

        private static void pause() {
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
