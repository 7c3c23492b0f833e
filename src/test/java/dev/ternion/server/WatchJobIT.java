package dev.ternion.server;

import static dev.ternion.server.TestServer.name;
import static dev.ternion.server.TestServer.reason;
import static dev.ternion.server.TestServer.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ternion.api.EventMapper;
import dev.ternion.api.v1.JobEvent;
import dev.ternion.api.v1.JobEvent.EventCase;
import dev.ternion.api.v1.JobServiceGrpc;
import dev.ternion.api.v1.LogLine.Severity;
import dev.ternion.api.v1.WatchJobRequest;
import dev.ternion.jobs.JobEvent.Kind;
import dev.ternion.jobs.JobEvent.Recorded;
import dev.ternion.jobs.Opaque;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchJobIT {
    @TempDir
    Path folder;

    private TestServer test;

    @BeforeEach
    void start() throws Exception {
        test = new TestServer(folder, settings -> settings.withHeartbeat(Duration.ofMillis(100)));
    }

    @AfterEach
    void stop() throws Exception {
        test.close();
    }

    @Test
    void replaysThenFollowsAndEndsWithTheJob() {
        test.create("job-a");
        test.runner.allow(1);
        Iterator<JobEvent> events = watch("job-a", 0);
        List<JobEvent> seen = new ArrayList<>();
        while (seen.isEmpty() || !seen.get(seen.size() - 1).hasEvaluation()) {
            addUnlessBookmark(seen, events.next());
        }
        test.runner.allow(2);
        events.forEachRemaining(event -> addUnlessBookmark(seen, event));
        assertThat(seen)
                .extracting(JobEvent::getEventCase)
                .containsExactly(
                        EventCase.STATE_CHANGE,
                        EventCase.STATE_CHANGE,
                        EventCase.STATE_CHANGE,
                        EventCase.PHASE_CHANGE,
                        EventCase.EVALUATION,
                        EventCase.EVALUATION,
                        EventCase.EVALUATION,
                        EventCase.REPORT_READY,
                        EventCase.STATE_CHANGE);
        assertThat(seen).extracting(JobEvent::getSequence).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
        await().until(() -> test.server.openWatches() == 0 && test.queue.watches() == 0);
    }

    @Test
    void resumesFromANumber() {
        test.runner.allow(3);
        test.create("job-a");
        await().until(() -> test.queue.get("job-a").state().isFinal());
        List<JobEvent> rest = new ArrayList<>();
        watch("job-a", 6).forEachRemaining(event -> addUnlessBookmark(rest, event));
        assertThat(rest).extracting(JobEvent::getSequence).containsExactly(6L, 7L, 8L, 9L);
        assertThat(reason(refused(() -> watch("job-a", 11).next()))).isEqualTo("WATCH_FUTURE");
        assertThat(reason(refused(() -> watch("job-b", 0).next()))).isEqualTo("JOB_NOT_FOUND");
    }

    @Test
    void aQuietWatchGetsBookmarksWithTheLastNumber() {
        test.create("job-a");
        Iterator<JobEvent> events = watch("job-a", 0);
        List<Long> bookmarks = new ArrayList<>();
        long last = 0;
        while (bookmarks.isEmpty() || bookmarks.get(bookmarks.size() - 1) < 4) {
            JobEvent event = events.next();
            if (event.hasBookmark()) {
                // Also those that came while the job was slow to start.
                assertThat(event.getSequence()).isEqualTo(last);
                bookmarks.add(event.getSequence());
            }
            last = event.getSequence();
        }
        assertThat(last).isEqualTo(4);
    }

    @Test
    void aKilledClientIsNoticedAndItsWatchFreed() {
        test.create("job-a");
        ManagedChannel killed = test.connect();
        JobServiceGrpc.newBlockingStub(killed).watchJob(request("job-a", 0)).next();
        await().until(() -> test.server.openWatches() == 1 && test.queue.watches() == 1);
        killed.shutdownNow();
        await().until(() -> test.server.openWatches() == 0 && test.queue.watches() == 0);
        test.runner.allow(3);
        await().until(() -> test.queue.get("job-a").state().isFinal());
    }

    @Test
    void aSlowReaderIsSentNoMoreThanItTakesAndMissesNothing() throws Exception {
        // It is cut after four heartbeats.
        stop();
        test = new TestServer(folder.resolve("patient"), settings -> settings.withHeartbeat(Duration.ofSeconds(30)));
        test.create("job-a");
        SlowReader reader = new SlowReader();
        JobServiceGrpc.newStub(test.channel).watchJob(request("job-a", 1), reader);
        await().until(() -> test.queue.lastSequence("job-a") == 4);
        Opaque line = Opaque.of(
                EventMapper.log(Severity.SEVERITY_INFO, "x".repeat(4096)).toByteArray());
        for (int i = 0; i < 4000; i++) {
            test.store.append("job-a", new Recorded(Kind.LOG, line));
        }
        // 16 MB wait in the job's log; the stream's window of 1 MiB, not the log, bounds what was sent.
        reader.take(1);
        await().until(() -> reader.seen.size() == 1);
        assertThat(test.queue.lastSequence("job-a")).isEqualTo(4004);
        test.runner.allow(3);
        await().until(() -> test.queue.get("job-a").state().isFinal());
        assertThat(reader.seen).hasSize(1);
        assertThat(reader.ended).isFalse();

        reader.take(Integer.MAX_VALUE);
        await().until(() -> reader.ended);
        assertThat(reader.seen)
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, 4009).boxed().toList());
    }

    @Test
    void aStoppingServerEndsWatchesWithDraining() throws Exception {
        test.create("job-a");
        Iterator<JobEvent> events = watch("job-a", 0);
        events.next();
        Thread stopper = new Thread(() -> {
            try {
                test.server.stop(Duration.ofSeconds(2));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        stopper.start();
        assertThat(reason(refused(() -> events.forEachRemaining(event -> {})))).isEqualTo("DRAINING");
        stopper.join(60_000);
        assertThat(stopper.isAlive()).isFalse();
    }

    private Iterator<JobEvent> watch(String id, long from) {
        return test.jobs.watchJob(request(id, from));
    }

    private static WatchJobRequest request(String id, long from) {
        return WatchJobRequest.newBuilder()
                .setName(name(id))
                .setFromSequence(from)
                .build();
    }

    private static void addUnlessBookmark(List<JobEvent> seen, JobEvent event) {
        if (!event.hasBookmark()) {
            seen.add(event);
        }
    }

    /** Takes messages only when told; keeps the numbers of all but bookmarks. */
    private static final class SlowReader implements ClientResponseObserver<WatchJobRequest, JobEvent> {
        private final List<Long> seen = new CopyOnWriteArrayList<>();
        private volatile ClientCallStreamObserver<WatchJobRequest> call;
        private volatile boolean ended;

        @Override
        public void beforeStart(ClientCallStreamObserver<WatchJobRequest> started) {
            call = started;
            started.disableAutoRequestWithInitial(0);
        }

        private void take(int count) {
            call.request(count);
        }

        @Override
        public void onNext(JobEvent event) {
            if (!event.hasBookmark()) {
                seen.add(event.getSequence());
            }
        }

        @Override
        public void onError(Throwable thrown) {
            throw new AssertionError(thrown);
        }

        @Override
        public void onCompleted() {
            ended = true;
        }
    }
}
