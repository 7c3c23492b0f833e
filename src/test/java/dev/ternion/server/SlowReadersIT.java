package dev.ternion.server;

import static dev.ternion.server.TestServer.name;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ternion.api.EventMapper;
import dev.ternion.api.v1.ArtifactServiceGrpc;
import dev.ternion.api.v1.DownloadArtifactRequest;
import dev.ternion.api.v1.GetJobRequest;
import dev.ternion.api.v1.JobServiceGrpc;
import dev.ternion.api.v1.LogLine.Severity;
import dev.ternion.api.v1.WatchJobRequest;
import dev.ternion.jobs.JobEvent.Kind;
import dev.ternion.jobs.JobEvent.Recorded;
import dev.ternion.jobs.Opaque;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.util.internal.PlatformDependent;
import java.io.RandomAccessFile;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that open a stream and never read: they cost next to nothing, and nobody else notices them. */
class SlowReadersIT {
    private static final int READERS = 100;
    private static final int ROUNDS = 5;
    private static final int CALLS = 800;
    private static final long MIB = 1 << 20;
    /** It warns of every message that was under way to a client that has gone. */
    private static final Logger NETTY = Logger.getLogger("io.grpc.netty.shaded.io.grpc.netty.NettyServerHandler");

    @TempDir
    Path folder;

    private TestServer test;
    private final List<ManagedChannel> readers = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        NETTY.setLevel(Level.OFF);
        test = new TestServer(folder, settings -> settings, ServerAccess.OPEN, TestServer.NO_FAULTS);
        Path model = Files.createDirectories(folder.resolve("models/big-model"));
        try (RandomAccessFile file =
                new RandomAccessFile(model.resolve("model.bin").toFile(), "rw")) {
            file.setLength(512 * MIB);
        }
        test.models.state("model.bin", "0".repeat(64));
        test.create("job-a");
        await().until(() -> test.queue.lastSequence("job-a") == 4);
        Opaque line = Opaque.of(
                EventMapper.log(Severity.SEVERITY_INFO, "x".repeat(4096)).toByteArray());
        for (int i = 0; i < 4000; i++) {
            test.store.append("job-a", new Recorded(Kind.LOG, line));
        }
    }

    @AfterEach
    void stop() throws Exception {
        closeReaders();
        test.close();
        NETTY.setLevel(null);
    }

    @Test
    void aStreamThatIsNeverReadHoldsNoMemory() throws Exception {
        // Once before, so that what is made once does not count.
        openReaders(1);
        closeReaders();
        memory();
        long none = memory();
        openReaders(1);
        long one = memory() - none;
        openReaders(READERS - 1);
        long all = memory() - none;
        System.out.printf(
                "memory of streams that are never read: one %d KiB, %d %d KiB%n", one >> 10, READERS, all >> 10);
        assertThat(one).isLessThan(32 * MIB);
        assertThat(all).isLessThan(256 * MIB);
        call();
    }

    @Test
    void otherClientsDoNotNoticeThem() throws Exception {
        p99();
        double[] without = new double[ROUNDS], with = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            without[round] = p99();
            openReaders(READERS);
            with[round] = p99();
            closeReaders();
        }
        System.out.printf(
                "p99 of Get, ms: alone %s, beside %d streams %s%n",
                Arrays.toString(without), READERS, Arrays.toString(with));
        Arrays.sort(without);
        Arrays.sort(with);
        // The machine is shared: the second-best round beside the streams, against the worst one alone.
        assertThat(with[1]).isLessThan(1.1 * without[ROUNDS - 1]);
    }

    /** Half of them watch, half of them download; each on a connection of its own with a window of 64 KiB. */
    private void openReaders(int count) {
        WatchJobRequest watch =
                WatchJobRequest.newBuilder().setName(name("job-a")).build();
        DownloadArtifactRequest download = DownloadArtifactRequest.newBuilder()
                .setName("projects/default/models/big-model/files/model.bin")
                .build();
        int before = readers.size();
        for (int i = before; i < before + count; i++) {
            ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", test.server.port())
                    .usePlaintext()
                    .flowControlWindow(64 << 10)
                    .build();
            readers.add(channel);
            if (i % 2 == 0) {
                open(channel, JobServiceGrpc.getWatchJobMethod(), watch);
            } else {
                open(channel, ArtifactServiceGrpc.getDownloadArtifactMethod(), download);
            }
        }
        int watches = (before + count + 1) / 2;
        await().until(() -> test.server.openWatches() == watches);
    }

    private static <Q, R> void open(ManagedChannel channel, MethodDescriptor<Q, R> method, Q request) {
        ClientCall<Q, R> call = channel.newCall(method, CallOptions.DEFAULT);
        call.start(new ClientCall.Listener<>() {}, new Metadata());
        call.sendMessage(request);
        call.halfClose();
    }

    private void closeReaders() {
        readers.forEach(ManagedChannel::shutdownNow);
        readers.clear();
        await().until(() -> test.server.openWatches() == 0);
    }

    private double p99() {
        long[] nanos = new long[CALLS];
        for (int i = 0; i < CALLS; i++) {
            long start = System.nanoTime();
            call();
            nanos[i] = System.nanoTime() - start;
        }
        Arrays.sort(nanos);
        return nanos[CALLS * 99 / 100] / 1e6;
    }

    private void call() {
        test.jobs.getJob(GetJobRequest.newBuilder().setName(name("job-a")).build());
    }

    /** Bytes of heap that are in use, and of buffers outside it, those of Netty included. */
    private static long memory() throws InterruptedException {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            System.gc();
            least = Math.min(
                    least,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        long direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
        return least + direct + Math.max(0, PlatformDependent.usedDirectMemory());
    }
}
