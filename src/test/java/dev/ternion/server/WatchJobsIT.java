package dev.ternion.server;

import static dev.ternion.server.TestServer.name;
import static dev.ternion.server.TestServer.reason;
import static dev.ternion.server.TestServer.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ternion.api.v1.DeleteJobRequest;
import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.JobServiceGrpc;
import dev.ternion.api.v1.WatchJobsRequest;
import dev.ternion.api.v1.WatchJobsResponse;
import dev.ternion.api.v1.WatchJobsResponse.EventCase;
import io.grpc.ManagedChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Watches of all jobs on a real server. */
class WatchJobsIT {
    /** Of uploads and downloads; a watch outlives it. */
    private static final Duration DEADLINE = Duration.ofMillis(300);

    @TempDir
    Path folder;

    private TestServer test;

    @BeforeEach
    void start() throws Exception {
        test = new TestServer(
                folder,
                usual -> new ServerSettings(
                        usual.host(),
                        usual.port(),
                        usual.uploadFolder(),
                        usual.importRoots(),
                        usual.maxUploadBytes(),
                        usual.threads(),
                        usual.maxQueuedCalls(),
                        Duration.ofMillis(100),
                        usual.unaryDeadline(),
                        DEADLINE,
                        usual.quotas()));
    }

    @AfterEach
    void stop() throws Exception {
        test.close();
    }

    /** The first beat comes after 15 s and the job waits for its permits: what comes before, comes by the clock. */
    @Test
    void tellsHowFarRunningJobsAreIfAsked_withoutARevision() throws Exception {
        stop();
        long start = System.nanoTime();
        test = new TestServer(folder.resolve("calm"), settings -> settings.withHeartbeat(Duration.ofSeconds(30)));
        test.runner.tellSteps();
        test.runner.steps(100);
        test.create("job-a");
        Iterator<WatchJobsResponse> plain = watch("", "");
        Iterator<WatchJobsResponse> watch = test.jobs.watchJobs(
                WatchJobsRequest.newBuilder().setIncludeProgress(true).build());
        await().until(() -> test.queue.get("job-a").state() == dev.ternion.jobs.JobState.RUNNING);
        test.runner.allow(5);
        WatchJobsResponse message = watch.next();
        long revision = 0;
        while (!message.hasProgress()) {
            revision = Math.max(revision, message.getRevision());
            message = watch.next();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
        assertThat(message.getRevision()).isEqualTo(revision);
        assertThat(message.getProgress().getName()).isEqualTo(name("job-a"));
        assertThat(message.getProgress().getProgress().getStepsTotal()).isEqualTo(100);
        assertThat(message.getProgress().getProgress().getLossesOrThrow("total"))
                .isEqualTo(0.5);
        Iterator<WatchJobsResponse> resumed = watch("", message.getResumeToken());
        test.runner.allow(95);
        WatchJobsResponse last = next(resumed);
        assertThat(last.getRevision()).as("the next change").isEqualTo(revision + 1);
        assertThat(last.getJob().getState()).isEqualTo(Job.State.STATE_SUCCEEDED);
        while (plain.hasNext()) {
            message = plain.next();
            assertThat(message.hasProgress()).isFalse();
            if (message.getJob().getState() == Job.State.STATE_SUCCEEDED) {
                break;
            }
        }
    }

    @Test
    void followsAJobFromItsCreationUntilItIsDeleted() {
        Iterator<WatchJobsResponse> watch = watch("", "");
        assertThat(watch.next().hasSyncBegin()).isTrue();
        assertThat(watch.next().hasSyncEnd()).isTrue();
        Job created = test.create("job-a");
        test.runner.allow(3);
        List<Job.State> states = new ArrayList<>();
        while (!states.contains(Job.State.STATE_SUCCEEDED)) {
            WatchJobsResponse message = next(watch);
            states.add(message.getJob().getState());
            assertThat(message.getRevision()).isEqualTo(states.size());
            assertThat(message.getJob().getUid()).isEqualTo(created.getUid());
            assertThat(message.getJob().getReportReady()).isEqualTo(states.size() == 4);
        }
        assertThat(states)
                .containsExactly(
                        Job.State.STATE_QUEUED,
                        Job.State.STATE_STARTING,
                        Job.State.STATE_RUNNING,
                        Job.State.STATE_SUCCEEDED);
        test.jobs.deleteJob(DeleteJobRequest.newBuilder().setName(name("job-a")).build());
        WatchJobsResponse last = next(watch);
        assertThat(last.getDeleted().getName()).isEqualTo(name("job-a"));
        assertThat(last.getDeleted().getUid()).isEqualTo(created.getUid());
    }

    @Test
    void aQuietWatchLivesOnWithBookmarksThatItCanGoOnAfter() {
        test.create("job-a");
        await().until(() -> test.queue.get("job-a").state() == dev.ternion.jobs.JobState.RUNNING);
        Iterator<WatchJobsResponse> watch = watch("state=FAILED", "");
        long end = System.nanoTime() + 2 * DEADLINE.toNanos();
        WatchJobsResponse last = watch.next();
        int bookmarks = 0;
        while (System.nanoTime() < end || bookmarks < 3) {
            last = watch.next();
            bookmarks += last.hasBookmark() ? 1 : 0;
        }
        assertThat(last.getRevision()).isEqualTo(3);
        test.runner.allow(3);
        Iterator<WatchJobsResponse> rest = watch("state=FAILED", last.getResumeToken());
        assertThat(rest.next().getEventCase()).isEqualTo(EventCase.BOOKMARK);
        assertThat(reason(refused(() -> watch("", rest.next().getResumeToken()).next())))
                .isEqualTo("RESUME_TOKEN_INVALID");
        assertThat(reason(refused(() -> watch("state=LOST", "").next()))).isEqualTo("REQUEST_INVALID");
    }

    @Test
    void aKilledClientIsNoticedAndItsWatchFreed() {
        ManagedChannel killed = test.connect();
        JobServiceGrpc.newBlockingStub(killed)
                .watchJobs(WatchJobsRequest.getDefaultInstance())
                .next();
        await().until(() -> test.server.openWatches() == 1 && test.queue.watches() == 1);
        killed.shutdownNow();
        await().until(() -> test.server.openWatches() == 0 && test.queue.watches() == 0);
        test.create("job-a");
    }

    @Test
    void aServerThatStopsSaysSo() throws Exception {
        Iterator<WatchJobsResponse> watch = watch("", "");
        watch.next();
        Thread stopping = new Thread(() -> {
            try {
                test.server.stop(Duration.ofSeconds(1));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        stopping.start();
        assertThat(reason(refused(() -> watch.forEachRemaining(message -> {})))).isEqualTo("DRAINING");
        stopping.join();
    }

    /** The next change. */
    private static WatchJobsResponse next(Iterator<WatchJobsResponse> watch) {
        WatchJobsResponse message = watch.next();
        while (message.hasBookmark()) {
            message = watch.next();
        }
        return message;
    }

    private Iterator<WatchJobsResponse> watch(String filter, String token) {
        return test.jobs.watchJobs(WatchJobsRequest.newBuilder()
                .setFilter(filter)
                .setResumeToken(token)
                .build());
    }
}
