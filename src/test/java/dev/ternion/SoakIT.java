package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ternion.api.v1.CheckpointServiceGrpc;
import dev.ternion.api.v1.CreateJobRequest;
import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.JobServiceGrpc;
import dev.ternion.api.v1.ListCheckpointsRequest;
import io.grpc.ManagedChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server on which jobs are created, paused, resumed, cancelled, forked, deleted and watched takes no more memory, threads and
 * files after a long time than after a short one. A minute; ten with the profile long. The heap is touched before, so that the memory of
 * the process shows what grows beside it.
 */
class SoakIT {
    private static final Duration LENGTH = Duration.ofSeconds(Integer.getInteger("ternion.soak", 60));
    private static final int CLIENTS = 3;
    private static final int WARM_UP_SHARE = 3;
    private static final Map<String, String> TOUCHED =
            Map.of("JDK_JAVA_OPTIONS", "-Xms160m -XX:+AlwaysPreTouch -XX:MaxHeapFreeRatio=100");

    @TempDir
    Path folder;

    private Path data;
    private Path log;

    @BeforeEach
    void fill() throws Exception {
        new TinyServer(folder).filled().close();
        data = folder.resolve("data");
        log = Files.createFile(folder.resolve("server.log"));
    }

    @Test
    void takesNoMoreAfterALongTimeThanAfterAShortOne() throws Exception {
        try (ServerProcess server = new ServerProcess(data, log, TOUCHED)) {
            String checkpoint = checkpoint(server);
            Usage before = run(server, checkpoint, LENGTH.dividedBy(WARM_UP_SHARE), 1);
            run(server, checkpoint, LENGTH, 2);
            // The last threads and connections of the clients may take a while to go; what has leaked stays.
            await().pollInterval(Duration.ofSeconds(1))
                    .untilAsserted(() -> requireNoMore(before, Usage.of(server.pid())));
            assertThat(server.stop()).isZero();
        }
    }

    private static void requireNoMore(Usage before, Usage after) {
        String both = "from " + before + " to " + after;
        assertThat(after.residentKiB()).as(both).isLessThanOrEqualTo(before.residentKiB() * 105 / 100);
        assertThat(after.heapKiB()).as(both).isLessThanOrEqualTo(before.heapKiB() + 8 * 1024);
        assertThat(after.threads()).as(both).isLessThanOrEqualTo(before.threads() + 2);
        assertThat(after.files()).as(both).isLessThanOrEqualTo(before.files() + 4);
    }

    /** A checkpoint of a job that has ended, to fork from. */
    private static String checkpoint(ServerProcess server) {
        CreateJobRequest.Builder create = CreateJobRequest.newBuilder().setJobId("source");
        create.getJobBuilder().setSpec(KilledServerIT.fineTune(3));
        create.getJobBuilder()
                .getSpecBuilder()
                .getFineTuneBuilder()
                .getCheckpointsBuilder()
                .setKeepAfterEnd(true);
        server.jobs().createJob(create.build());
        await().atMost(Duration.ofMinutes(1)).until(() -> server.job("source").getState() == Job.State.STATE_SUCCEEDED);
        return CheckpointServiceGrpc.newBlockingStub(server.jobs().getChannel())
                .listCheckpoints(ListCheckpointsRequest.newBuilder()
                        .setParent("projects/default/jobs/source")
                        .build())
                .getCheckpoints(0)
                .getName();
    }

    /** Has clients at it for so long; what it takes when they are gone and all is quiet. */
    private Usage run(ServerProcess server, String checkpoint, Duration length, long seed) throws Exception {
        long end = System.nanoTime() + length.toNanos();
        List<SoakClient> clients = new ArrayList<>();
        List<ManagedChannel> channels = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            ManagedChannel channel = server.connect();
            channels.add(channel);
            clients.add(new SoakClient(channel, checkpoint, seed * 100 + i, end));
        }
        clients.forEach(Thread::start);
        for (SoakClient client : clients) {
            client.join();
        }
        channels.forEach(ManagedChannel::shutdownNow);
        assertThat(clients).allSatisfy(client -> {
            assertThat(client.surprises()).isEmpty();
            assertThat(client.done()).hasSize(SoakClient.KINDS);
        });
        await().atMost(Duration.ofMinutes(1)).until(() -> server.workers().isEmpty());
        Thread.sleep(1000);
        return Usage.of(server.pid());
    }

    /** Watches are open for a while at most. */
    static JobServiceGrpc.JobServiceBlockingStub stub(ManagedChannel channel) {
        return JobServiceGrpc.newBlockingStub(channel).withDeadlineAfter(1, java.util.concurrent.TimeUnit.MINUTES);
    }
}
