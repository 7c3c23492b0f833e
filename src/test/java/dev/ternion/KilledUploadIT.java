package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.ternion.api.v1.ByteStreamGrpc;
import dev.ternion.api.v1.CreateUploadRequest;
import dev.ternion.api.v1.FinalizeUploadRequest;
import dev.ternion.api.v1.QueryWriteStatusRequest;
import dev.ternion.api.v1.ReadRequest;
import dev.ternion.api.v1.ReadResponse;
import dev.ternion.api.v1.UploadServiceGrpc;
import dev.ternion.api.v1.WriteRequest;
import dev.ternion.api.v1.WriteResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Uploads through a server that is killed, and through one with 64 MiB of heap: nothing that was said to be committed is lost, and memory
 * does not grow with the file. 5 kills and 128 MiB; with {@code -Dternion.load=full} 5 GiB.
 */
class KilledUploadIT {
    private static final int KILLS = 5;
    private static final int PIECE = 1 << 20;
    /** Bytes that may be in flight after those that a kill waits for. */
    private static final long AHEAD = 8L << 20;

    private static final long LARGE = "full".equals(System.getProperty("ternion.load")) ? 5L << 30 : 128L << 20;

    /** Of the heap, and of direct memory too, which is as large unless it is set. Compiled as when it serves: digests are slow else. */
    private static final Map<String, String> SMALL = Map.of("_JAVA_OPTIONS", "-Xmx64m -XX:TieredStopAtLevel=4");

    private static final String NAME = "projects/default/uploads/some-file";

    @TempDir
    Path folder;

    private Path data;
    private Path log;

    @BeforeEach
    void prepare() throws Exception {
        data = folder.resolve("data");
        log = Files.createFile(folder.resolve("server.log"));
    }

    /** R-1 for uploads: killed with pieces in flight, at another moment each time. */
    @Test
    void whatIsCommittedOutlivesKills() throws Exception {
        long size = 96L << 20;
        Random random = new Random(20261128);
        long committed = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            try (ServerProcess server = new ServerProcess(data, log)) {
                ManagedChannel channel = server.connect();
                create(channel, size);
                long there = committed(channel);
                assertThat(there).as("after %d kills", kill).isGreaterThanOrEqualTo(committed);
                long wanted = there + (1 + random.nextInt(8)) * (long) PIECE;
                // No more than this, so that however late the kill comes there is some left for the next one.
                Writing writing = new Writing(channel, there, Math.min(size, wanted + AHEAD), size);
                writing.start();
                // More is asked to be committed while pieces come; what the answer says is what has to be there.
                await().pollInterval(Duration.ofMillis(20)).until(() -> committed(channel) >= Math.min(size, wanted));
                committed = committed(channel);
                Thread.sleep(random.nextInt(30));
                server.kill();
                writing.join();
                channel.shutdownNow();
            }
        }
        assertThat(committed).isLessThan(size);
        try (ServerProcess server = new ServerProcess(data, log)) {
            ManagedChannel channel = server.connect();
            long there = committed(channel);
            assertThat(there).isGreaterThanOrEqualTo(committed);
            write(channel, there, size);
            finish(channel, size);
            assertThat(digestOf(channel)).isEqualTo(digest(size));
            channel.shutdownNow();
        }
    }

    /** up, finalized and down again with 64 MiB of heap. */
    @Test
    @Timeout(value = 30, unit = TimeUnit.MINUTES)
    void aLargeFileNeedsLittleMemory() throws Exception {
        try (ServerProcess server = new ServerProcess(data, log, SMALL)) {
            ManagedChannel channel = server.connect();
            create(channel, LARGE);
            write(channel, 0, LARGE);
            finish(channel, LARGE);
            assertThat(digestOf(channel)).isEqualTo(digest(LARGE));
            channel.shutdownNow();
        }
        assertThat(Files.readString(log))
                .contains("Picked up _JAVA_OPTIONS: -Xmx64m")
                .doesNotContain("OutOfMemory");
    }

    /** The file: each MiB is the same but for its number at the beginning. */
    private static byte[] piece(long at) {
        byte[] piece = new byte[PIECE];
        java.nio.ByteBuffer.wrap(piece).putLong(at);
        return piece;
    }

    private static String digest(long size) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (long at = 0; at < size; at += PIECE) {
            digest.update(piece(at));
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void create(ManagedChannel channel, long size) {
        UploadServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(1, TimeUnit.MINUTES)
                .createUpload(CreateUploadRequest.newBuilder()
                        .setUploadId("some-file")
                        .setSizeBytes(size)
                        .build());
    }

    private static void finish(ManagedChannel channel, long size) throws Exception {
        UploadServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(10, TimeUnit.MINUTES)
                .finalizeUpload(FinalizeUploadRequest.newBuilder()
                        .setName(NAME)
                        .setSha256(digest(size))
                        .build());
    }

    private static long committed(ManagedChannel channel) {
        return ByteStreamGrpc.newBlockingStub(channel)
                .withDeadlineAfter(1, TimeUnit.MINUTES)
                .queryWriteStatus(QueryWriteStatusRequest.newBuilder()
                        .setResourceName(NAME)
                        .build())
                .getCommittedSize();
    }

    private static String digestOf(ManagedChannel channel) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        Iterator<ReadResponse> pieces = ByteStreamGrpc.newBlockingStub(channel)
                .read(ReadRequest.newBuilder().setResourceName(NAME).build());
        while (pieces.hasNext()) {
            digest.update(pieces.next().getData().asReadOnlyByteBuffer());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void write(ManagedChannel channel, long from, long size) throws Exception {
        Writing writing = new Writing(channel, from, size, size);
        writing.start();
        writing.join();
        assertThat(writing.end()).isEqualTo(Status.Code.OK);
    }

    /** Sends pieces as fast as they are taken, until the end or the end of the server. */
    private static final class Writing extends Thread implements ClientResponseObserver<WriteRequest, WriteResponse> {
        private final ManagedChannel channel;
        private final long from;
        private final long until;
        private final long size;
        private final CountDownLatch over = new CountDownLatch(1);
        private ClientCallStreamObserver<WriteRequest> call;
        private volatile Status.Code end;

        /** @param until so far it writes, and then waits for the end of the server if there is more */
        private Writing(ManagedChannel channel, long from, long until, long size) {
            super("writing");
            this.channel = channel;
            this.from = from;
            this.until = until;
            this.size = size;
        }

        private Status.Code end() {
            return end;
        }

        @Override
        public void run() {
            ByteStreamGrpc.newStub(channel).write(this);
            try {
                for (long at = from; at < until && end == null; ) {
                    if (!awaitRoom()) {
                        return;
                    }
                    int skipped = (int) (at % PIECE);
                    ByteString rest = UnsafeByteOperations.unsafeWrap(piece(at - skipped), skipped, PIECE - skipped);
                    call.onNext(WriteRequest.newBuilder()
                            .setResourceName(NAME)
                            .setWriteOffset(at)
                            .setData(rest)
                            .setFinishWrite(at + rest.size() == size)
                            .build());
                    at += rest.size();
                }
                if (end == null && until == size) {
                    call.onCompleted();
                }
                over.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        private synchronized boolean awaitRoom() throws InterruptedException {
            while (end == null && !call.isReady()) {
                wait();
            }
            return end == null;
        }

        private synchronized void end(Status.Code code) {
            end = code;
            over.countDown();
            notifyAll();
        }

        private synchronized void wake() {
            notifyAll();
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<WriteRequest> stream) {
            call = stream;
            stream.setOnReadyHandler(this::wake);
        }

        @Override
        public void onNext(WriteResponse response) {}

        @Override
        public void onError(Throwable thrown) {
            end(Status.fromThrowable(thrown).getCode());
        }

        @Override
        public void onCompleted() {
            end(Status.Code.OK);
        }
    }
}
