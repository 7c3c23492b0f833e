package dev.ternion.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ternion.api.SpecFixtures;
import dev.ternion.api.v1.JobServiceGrpc;
import dev.ternion.api.v1.WatchJobsRequest;
import dev.ternion.api.v1.WatchJobsResponse;
import dev.ternion.jobs.Job;
import dev.ternion.jobs.JobChanges;
import dev.ternion.jobs.JobQueue;
import dev.ternion.jobs.JobState;
import dev.ternion.jobs.Opaque;
import dev.ternion.jobs.Placement;
import dev.ternion.jobs.Submission;
import dev.ternion.objects.FolderStore;
import dev.ternion.objects.UploadLimits;
import dev.ternion.objects.Uploads;
import dev.ternion.store.JobDatabase;
import dev.ternion.store.SmallDatabase;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Bar R-10 for watches of all jobs: 200 watchers that drop their streams and go on by token, over two restarts of the server on a
 * database that keeps few changes. A tenth of them stay away until what they need is forgotten.
 */
class AllWatchersIT {
    private static final int WATCHERS = 200;
    private static final int AWAY = 10;
    private static final int CHANGES = 420;
    private static final int KEPT = 120;
    private static final int JOBS = 15;

    /** Changes that a watcher that does not stay away is behind at most: the changes wait for it. */
    private static final int BEHIND = 50;

    /** A stream lives for so many messages at most, before its client drops it. */
    private static final int MOST = 100;

    @TempDir
    Path folder;

    /** What each revision was, in words. */
    private final List<String> history = new ArrayList<>();

    private final Map<String, JobState> jobs = new TreeMap<>();
    private final Random random = new Random(20261128);
    private final AtomicInteger drops = new AtomicInteger();
    private volatile Running running;
    private volatile long newest;
    private volatile boolean over;

    /** A server on the database, and connections to it. */
    private final class Running {
        private final JobDatabase database = SmallDatabase.keeping(KEPT, folder);
        private final JobQueue queue =
                new JobQueue(new JobChanges(database.store(), Clock.systemUTC()), UUID::randomUUID, 10_000);
        private final TernionServer server = TernionServer.start(
                ServerSettings.loopback(0, folder.resolve("uploads"), List.of()),
                ServerAccess.OPEN,
                queue,
                database.telemetry(),
                SpecFixtures.catalog(),
                new FolderModels(folder.resolve("models")),
                new LineDatasets(),
                new MapCheckpoints(),
                new Uploads(
                        folder.resolve("incoming"),
                        new FolderStore(folder.resolve("objects")),
                        UploadLimits.DEFAULT,
                        Clock.systemUTC()),
                Clock.systemUTC(),
                List.of());
        private final List<ManagedChannel> channels = new ArrayList<>();

        private Running() throws Exception {
            for (int i = 0; i < 4; i++) {
                channels.add(NettyChannelBuilder.forAddress("127.0.0.1", server.port())
                        .usePlaintext()
                        .build());
            }
        }

        private void stop() throws Exception {
            server.stop(Duration.ofSeconds(30));
            channels.forEach(ManagedChannel::shutdownNow);
            database.close();
        }
    }

    @Test
    void everyWatcherGetsEveryChangeOnceAndInOrder() throws Exception {
        running = new Running();
        List<Watcher> watchers = new ArrayList<>();
        try {
            while (newest < JOBS) {
                change();
            }
            for (int i = 0; i < WATCHERS; i++) {
                watchers.add(new Watcher(i));
            }
            // One that begins late would find what it needs still there at the end, however long it stays away.
            await().until(() -> watchers.stream().allMatch(watcher -> watcher.begun || watcher.failure != null));
            List<Watcher> present =
                    watchers.stream().filter(watcher -> !watcher.staysAway).toList();
            while (newest < CHANGES) {
                awaitPosition(present, newest - BEHIND);
                change();
                if (newest % (CHANGES / 3) == 0 && newest < CHANGES) {
                    running.stop();
                    running = new Running();
                }
            }
            over = true;
            awaitPosition(watchers, newest);
        } finally {
            running.stop();
            for (Watcher watcher : watchers) {
                watcher.thread.interrupt();
                watcher.thread.join();
            }
        }
        for (Watcher watcher : watchers) {
            watcher.check();
        }
        assertThat(drops.get()).as("streams that ended early").isGreaterThan(2 * WATCHERS);
    }

    private static void awaitPosition(List<Watcher> watchers, long revision) {
        BooleanSupplier reached =
                () -> watchers.stream().allMatch(watcher -> watcher.position >= revision || watcher.failure != null);
        if (!reached.getAsBoolean()) {
            await().pollInterval(Duration.ofMillis(2))
                    .atMost(Duration.ofMinutes(1))
                    .until(reached::getAsBoolean);
        }
    }

    /** Some change of some job. */
    private void change() {
        JobQueue queue = running.queue;
        String id = "job-" + random.nextInt(JOBS);
        JobState state = jobs.get(id);
        Job after = null;
        if (state == null) {
            after = queue.submit(new Submission(id, "", Opaque.EMPTY, Placement.on("cpu"), "", ""));
        } else if (state.isFinal()) {
            queue.delete(id);
        } else if (random.nextInt(5) == 0) {
            after = queue.cancel(id, "why");
        } else if (state == JobState.PAUSED) {
            after = queue.resume(id);
        } else {
            after = queue.pause(id, "why");
        }
        if (after == null) {
            jobs.remove(id);
        } else {
            jobs.put(id, after.state());
        }
        history.add(id + " " + (after == null ? "DELETED" : after.state()));
        newest = history.size();
    }

    /** Reads on by token. */
    private final class Watcher {
        private final int number;
        private final Random random;
        private final boolean staysAway;
        private final List<WatchJobsResponse> seen = new ArrayList<>();
        private final Thread thread;
        private String token = "";
        private int forgotten;
        private volatile boolean begun;
        private volatile long position;
        private volatile RuntimeException failure;

        private Watcher(int number) {
            this.number = number;
            random = new Random(number);
            staysAway = number % AWAY == 0;
            thread = new Thread(this::run, "watcher " + number);
            thread.start();
        }

        private void run() {
            try {
                while (!over || position < newest) {
                    read(JobServiceGrpc.newBlockingStub(running.channels.get(number % running.channels.size())));
                    drops.incrementAndGet();
                    while (staysAway && forgotten < 2 && !over && newest <= position + KEPT + 1) {
                        Thread.sleep(20);
                    }
                }
            } catch (RuntimeException e) {
                // One that is interrupted, when all is over, may wait for a message in vain.
                failure = Thread.interrupted() ? null : e;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void read(JobServiceGrpc.JobServiceBlockingStub stub) throws InterruptedException {
            int left = 1 + random.nextInt(MOST);
            Context.CancellableContext call = Context.current().withCancellation();
            Context before = call.attach();
            try {
                Iterator<WatchJobsResponse> messages = stub.watchJobs(
                        WatchJobsRequest.newBuilder().setResumeToken(token).build());
                for (; left > 0 && messages.hasNext(); left--) {
                    WatchJobsResponse message = messages.next();
                    seen.add(message);
                    begun = true;
                    token = message.getResumeToken();
                    if (!message.hasSyncBegin() && message.getRevision() > position) {
                        position = message.getRevision();
                    }
                }
            } catch (StatusRuntimeException e) {
                if (e.getStatus().getCode() == Code.OUT_OF_RANGE
                        && TestServer.reason(StatusProto.fromThrowable(e)).equals("WATCH_COMPACTED")) {
                    forgotten++;
                    token = "";
                } else if (e.getStatus().getCode() != Code.UNAVAILABLE) {
                    throw e;
                } else {
                    Thread.sleep(20);
                }
            } finally {
                call.detach(before);
                call.cancel(null);
            }
        }

        /** Each revision after the first jobs once and in order, each as it was; and in the end the jobs as they are. */
        private void check() {
            assertThat(failure).as("watcher %d", number).isNull();
            assertThat(forgotten).as("watcher %d", number).isBetween(staysAway ? 1 : 0, staysAway ? 9 : 0);
            int syncs = 0;
            long base = 0;
            long last = 0;
            Map<String, String> view = new TreeMap<>();
            for (WatchJobsResponse message : seen) {
                if (message.hasSyncBegin()) {
                    syncs++;
                    last = 0;
                    base = ResumeToken.read(message.getResumeToken()).position().base();
                    view.clear();
                } else if (message.hasJob() || message.hasDeleted()) {
                    long revision = message.getRevision();
                    if (revision <= base) {
                        assertThat(revision).as("watcher %d", number).isGreaterThan(last);
                    } else {
                        assertThat(revision).as("watcher %d", number).isEqualTo(Math.max(last, base) + 1);
                    }
                    last = revision;
                    assertThat(text(message)).as("revision %d", revision).isEqualTo(history.get((int) revision - 1));
                    String id = text(message).split(" ")[0];
                    view.remove(id);
                    if (message.hasJob()) {
                        view.put(id, text(message).split(" ")[1]);
                    }
                }
            }
            assertThat(syncs).as("watcher %d", number).isEqualTo(1 + forgotten);
            assertThat(last).as("watcher %d", number).isEqualTo(CHANGES);
            Map<String, String> wanted = new TreeMap<>();
            jobs.forEach((id, state) -> wanted.put(id, state.name()));
            assertThat(view).as("watcher %d", number).isEqualTo(wanted);
        }
    }

    private static String text(WatchJobsResponse message) {
        String name = message.hasJob()
                ? message.getJob().getName()
                : message.getDeleted().getName();
        return name.substring(name.lastIndexOf('/') + 1) + " "
                + (message.hasJob() ? message.getJob().getState().name().replace("STATE_", "") : "DELETED");
    }
}
