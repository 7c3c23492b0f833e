package dev.ternion.objects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ternion.artifact.BrokenDisk;
import dev.ternion.artifact.Digests;
import dev.ternion.artifact.FileOperations;
import dev.ternion.artifact.InMemory;
import dev.ternion.objects.UploadException.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Uploads are resumed at what is committed, become objects once, and lose nothing that was committed. */
class UploadsTest {
    private static final byte[] CONTENT = ObjectStoreContract.bytes(10);
    private static final UploadLimits LIMITS = new UploadLimits(3, 100, 60, Duration.ofHours(1));

    @TempDir(factory = InMemory.class)
    Path root;

    private Instant now = Instant.parse("2026-11-28T00:00:00Z");
    private Uploads uploads;
    private String digest;

    @BeforeEach
    void open() throws Exception {
        digest = Digests.sha256(Files.write(root.resolve("content"), CONTENT));
        uploads = restarted(root, FileOperations.REAL);
    }

    private Uploads restarted(Path folder, FileOperations files) throws IOException {
        return restarted(folder, files, Clock.fixed(now, ZoneOffset.UTC));
    }

    private static Uploads restarted(Path folder, FileOperations files, Clock clock) throws IOException {
        return new Uploads(
                folder.resolve("incoming"), new FolderStore(folder.resolve("objects"), files), LIMITS, clock, files);
    }

    private static Upload write(Uploads to, int from, int end) throws IOException {
        Uploads.Writing writing = to.write("some-file");
        writing.write(from, ByteBuffer.wrap(CONTENT, from, end - from));
        return writing.end();
    }

    private static byte[] content(Uploads of) throws IOException {
        try (InputStream in = of.open("some-file", 0)) {
            return in.readAllBytes();
        }
    }

    private static void refused(Problem problem, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        UploadException.class, e -> assertThat(e.problem()).isEqualTo(problem));
    }

    private static long files(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).count();
        }
    }

    @Test
    void anUploadGoesOnWhereItIsCommitted_alsoAfterARestart() throws Exception {
        assertThat(uploads.create("some-file", 10).committed()).isZero();
        assertThat(write(uploads, 0, 4).committed()).isEqualTo(4);
        uploads = restarted(root, FileOperations.REAL);
        assertThat(uploads.commit("some-file").committed()).isEqualTo(4);
        assertThat(write(uploads, 4, 10).committed()).isEqualTo(10);
        Upload done = uploads.finish("some-file", digest);
        assertThat(done.isFinalized()).isTrue();
        assertThat(content(uploads)).isEqualTo(CONTENT);
        uploads = restarted(root, FileOperations.REAL);
        assertThat(uploads.finish("some-file", digest)).isEqualTo(done);
        assertThat(content(uploads)).isEqualTo(CONTENT);
        uploads.delete("some-file");
        assertThat(files(root)).isEqualTo(1);
    }

    /** What was written after the last commit counts for nothing: the file is cut there. */
    @Test
    void whatIsNotCommittedIsForgottenByARestart() throws Exception {
        uploads.create("some-file", 10);
        Uploads.Writing writing = uploads.write("some-file");
        writing.write(0, ByteBuffer.wrap(CONTENT, 0, 3));
        assertThat(uploads.commit("some-file").committed()).isEqualTo(3);
        writing.write(3, ByteBuffer.wrap(CONTENT, 3, 5));
        assertThat(Files.size(root.resolve("incoming/some-file"))).isEqualTo(8);
        uploads = restarted(root, FileOperations.REAL);
        assertThat(uploads.get("some-file").committed()).isEqualTo(3);
        assertThat(Files.size(root.resolve("incoming/some-file"))).isEqualTo(3);
    }

    @Test
    void bytesAreOnDiskBeforeTheyAreSaidToBe() throws Exception {
        BrokenDisk disk = new BrokenDisk(0, false);
        uploads = restarted(root, disk);
        uploads.create("some-file", 10);
        disk.asked.clear();
        write(uploads, 0, 4);
        assertThat(disk.asked)
                .containsExactly(
                        "write 4",
                        "sync file",
                        "create .some-file.upload",
                        "sync file",
                        "rename .some-file.upload to some-file.upload",
                        "sync incoming");
    }

    @Test
    void offsetsLeaveNoHole_andWhatIsThereIsPassedOver() throws Exception {
        uploads.create("some-file", 10);
        refused(Problem.OFFSET_INVALID, () -> write(uploads, 1, 4));
        refused(Problem.OFFSET_INVALID, () -> uploads.write("some-file").write(-1, ByteBuffer.allocate(1)));
        write(uploads, 0, 6);
        write(uploads, 2, 4);
        assertThat(write(uploads, 4, 10).committed()).isEqualTo(10);
        refused(Problem.UPLOAD_INVALID, () -> uploads.write("some-file").write(10, ByteBuffer.allocate(1)));
        uploads.finish("some-file", digest);
        assertThat(content(uploads)).isEqualTo(CONTENT);
        refused(Problem.UPLOAD_FINAL, () -> uploads.write("some-file"));
    }

    @Test
    void aLaterWriteTakesOver() throws Exception {
        uploads.create("some-file", 10);
        Uploads.Writing old = uploads.write("some-file");
        old.write(0, ByteBuffer.wrap(CONTENT, 0, 5));
        Uploads.Writing young = uploads.write("some-file");
        refused(Problem.UPLOAD_TAKEN_OVER, () -> old.write(5, ByteBuffer.allocate(1)));
        young.write(5, ByteBuffer.wrap(CONTENT, 5, 5));
        old.end();
        assertThat(young.end().committed()).isEqualTo(10);
        uploads.finish("some-file", digest);
    }

    @Test
    void onlyAWholeUploadOfTheRightDigestIsFinalized() throws Exception {
        uploads.create("some-file", 10);
        write(uploads, 0, 9);
        refused(Problem.UPLOAD_INCOMPLETE, () -> uploads.finish("some-file", digest));
        write(uploads, 9, 10);
        refused(Problem.UPLOAD_INCOMPLETE, () -> uploads.open("some-file", 0));
        refused(Problem.UPLOAD_INVALID, () -> uploads.finish("some-file", "0".repeat(64)));
        refused(Problem.UPLOAD_INVALID, () -> uploads.finish("some-file", digest.toUpperCase(java.util.Locale.ROOT)));
        refused(Problem.UPLOAD_INVALID, () -> uploads.finish("some-file", "../" + digest));
        uploads.finish("some-file", digest);
        refused(Problem.UPLOAD_INVALID, () -> uploads.finish("some-file", "0".repeat(64)));
    }

    @Test
    void limitsCountAllUploads_andARepeatedCreateMakesNoSecond() throws Exception {
        uploads.create("some-file", 60);
        assertThat(uploads.create("some-file", 60)).isEqualTo(uploads.get("some-file"));
        refused(Problem.UPLOAD_EXISTS, () -> uploads.create("some-file", 59));
        refused(Problem.UPLOAD_TOO_LARGE, () -> uploads.create("other", 61));
        refused(Problem.UPLOAD_INVALID, () -> uploads.create("other", -1));
        refused(Problem.UPLOAD_LIMIT, () -> uploads.create("other", 41));
        uploads.create("second", 40);
        uploads.create("third", 0);
        refused(Problem.UPLOAD_LIMIT, () -> uploads.create("other", 0));
        uploads.delete("second");
        refused(Problem.UPLOAD_NOT_FOUND, () -> uploads.get("second"));
        refused(Problem.UPLOAD_NOT_FOUND, () -> uploads.delete("second"));
        uploads.create("other", 40);
        uploads.finish("third", Digests.sha256(Files.write(root.resolve("empty"), new byte[0])));
    }

    @Test
    void ofAnOwnerOnlyItsOwnCount_alsoAfterARestart() throws Exception {
        uploads.create("some-file", 30, "an owner +%20", 50);
        uploads = restarted(root, FileOperations.REAL);
        assertThat(uploads.get("some-file").owner()).isEqualTo("an owner +%20");
        assertThat(uploads.create("some-file", 30, "an owner +%20", 0)).isEqualTo(uploads.get("some-file"));
        refused(Problem.UPLOAD_QUOTA, () -> uploads.create("second", 21, "an owner +%20", 50));
        uploads.create("other", 21, "another", 50);
        uploads.create("second", 20, "an owner +%20", 50);
        uploads.delete("other");
        refused(Problem.UPLOAD_QUOTA, () -> uploads.create("third", 1, "an owner +%20", 50));
        uploads.create("third", 0, "an owner +%20", 50);
    }

    @Test
    void factsOfAnEarlierVersionHaveNoOwner() throws Exception {
        uploads.create("some-file", 30, "owner", 50);
        Path facts = root.resolve("incoming/some-file.upload");
        String line = Files.readString(facts);
        assertThat(line).endsWith(" @owner\n");
        Files.writeString(facts, line.replace(" @owner", ""));
        uploads = restarted(root, FileOperations.REAL);
        assertThat(uploads.get("some-file").owner()).isEmpty();
        assertThat(uploads.get("some-file").size()).isEqualTo(30);
    }

    @Test
    void abandonedUploadsExpire_andCommitsPutThatOff() throws Exception {
        Instant[] time = {now};
        Clock clock = new Clock() {
            @Override
            public Instant instant() {
                return time[0];
            }

            @Override
            public java.time.ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(java.time.ZoneId zone) {
                return this;
            }
        };
        uploads = restarted(root, FileOperations.REAL, clock);
        uploads.create("some-file", 10);
        uploads.create("abandoned", 10);
        time[0] = now.plus(Duration.ofMinutes(50));
        write(uploads, 0, 5);
        time[0] = now.plus(Duration.ofMinutes(61));
        uploads.removeExpired();
        assertThat(uploads.get("some-file").committed()).isEqualTo(5);
        refused(Problem.UPLOAD_NOT_FOUND, () -> uploads.get("abandoned"));
        Uploads.Writing late = uploads.write("some-file");
        time[0] = now.plus(Duration.ofMinutes(111));
        uploads.create("other", 0);
        refused(Problem.UPLOAD_NOT_FOUND, () -> late.write(5, ByteBuffer.allocate(1)));
        uploads.delete("other");
        assertThat(files(root.resolve("incoming"))).isZero();
    }

    @Test
    void whatIsDamagedOrLeftOverIsRemovedByTheNextStart() throws Exception {
        uploads.create("some-file", 10);
        write(uploads, 0, 5);
        uploads.create("damaged", 1);
        Files.writeString(root.resolve("incoming/damaged.upload"), "ternion-upload 1 one 0 - soon");
        Files.writeString(root.resolve("incoming/nobody"), "bytes");
        Files.writeString(root.resolve("incoming/.some-file.upload.1-1.tmp"), "half");
        uploads = restarted(root, FileOperations.REAL);
        assertThat(files(root.resolve("incoming"))).isEqualTo(2);
        Files.write(root.resolve("incoming/some-file"), new byte[4]);
        uploads = restarted(root, FileOperations.REAL);
        refused(Problem.UPLOAD_NOT_FOUND, () -> uploads.get("some-file"));
        assertThat(files(root.resolve("incoming"))).isZero();
    }

    /** each operation of the disk fails in turn, or is the last one of the process; then a client goes on. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whateverOperationFails_nothingCommittedIsLost_andTheUploadCanBeEnded(boolean deadly) throws Exception {
        int failures = 0;
        for (int n = 1; ; n++) {
            Path folder = Files.createDirectories(root.resolve("n" + n));
            BrokenDisk disk = new BrokenDisk(n, deadly);
            long committed = -1;
            boolean done = false;
            try {
                Uploads broken = restarted(folder, disk);
                committed = broken.create("some-file", 10).committed();
                committed = write(broken, 0, 4).committed();
                committed = write(broken, 4, 10).committed();
                broken.finish("some-file", digest);
                done = true;
            } catch (IOException | BrokenDisk.Death e) {
                failures++;
            }
            Uploads next = restarted(folder, FileOperations.REAL);
            if (committed >= 0) {
                Upload kept = next.get("some-file");
                assertThat(kept.committed()).as("%s", disk.asked).isGreaterThanOrEqualTo(committed);
                assertThat(done && !kept.isFinalized()).as("%s", disk.asked).isFalse();
            }
            Upload resumed = next.create("some-file", 10);
            if (!resumed.isFinalized()) {
                write(next, (int) resumed.committed(), 10);
            }
            next.finish("some-file", digest);
            assertThat(content(next)).as("%s", disk.asked).isEqualTo(CONTENT);
            assertThat(files(folder)).as("%s", disk.asked).isEqualTo(2);
            if (!disk.failed()) {
                assertThat(failures).isGreaterThan(20);
                return;
            }
        }
    }

    /** The same, when the server lives on and its client tries again. */
    @Test
    void whateverOperationFails_theSameServerGoesOn() throws Exception {
        for (int n = 1; ; n++) {
            Path folder = Files.createDirectories(root.resolve("n" + n));
            BrokenDisk disk = new BrokenDisk(n, false);
            Uploads server = restarted(folder, disk);
            int tries = 0;
            while (true) {
                try {
                    Upload upload = server.create("some-file", 10);
                    if (!upload.isFinalized()) {
                        int from = (int) server.commit("some-file").committed();
                        write(server, from, Math.max(from, 5));
                        write(server, Math.max(from, 5), 10);
                    }
                    server.finish("some-file", digest);
                    break;
                } catch (IOException e) {
                    assertThat(++tries).as("%s", disk.asked).isEqualTo(1);
                }
            }
            assertThat(content(server)).as("%s", disk.asked).isEqualTo(CONTENT);
            server = restarted(folder, FileOperations.REAL);
            assertThat(server.get("some-file").isFinalized()).isTrue();
            server.delete("some-file");
            assertThat(files(folder)).as("%s", disk.asked).isZero();
            if (!disk.failed()) {
                return;
            }
        }
    }

    @Test
    void aFailedDeleteIsTakenUpByTheNextStart() throws Exception {
        for (int n = 1; ; n++) {
            Path folder = Files.createDirectories(root.resolve("n" + n));
            Uploads before = restarted(folder, FileOperations.REAL);
            before.create("some-file", 10);
            write(before, 0, 10);
            before.finish("some-file", digest);
            BrokenDisk disk = new BrokenDisk(n, true);
            Uploads dying = restarted(folder, disk);
            try {
                dying.delete("some-file");
            } catch (BrokenDisk.Death e) {
                Uploads next = restarted(folder, FileOperations.REAL);
                if (files(folder) > 0) {
                    assertThat(content(next)).isEqualTo(CONTENT);
                }
                continue;
            }
            assertThat(files(folder)).isZero();
            assertThat(n).isGreaterThan(3);
            return;
        }
    }

    /** Reading some GiB takes long: meanwhile nobody waits, and no more threads are taken than two. */
    @Test
    void whileUploadsAreFinalizedOthersAreRefusedAtOnce() throws Exception {
        CountDownLatch entered = new CountDownLatch(Uploads.MOST_FINISHING), go = new CountDownLatch(1);
        uploads = new Uploads(
                root.resolve("incoming"),
                new SlowStore(new FolderStore(root.resolve("objects")), entered, go),
                LIMITS,
                Clock.fixed(now, ZoneOffset.UTC));
        String empty = Digests.sha256(Files.write(root.resolve("empty"), new byte[0]));
        List<CompletableFuture<Upload>> slow = new ArrayList<>();
        for (String id : List.of("first", "second", "third")) {
            uploads.create(id, 0);
            if (slow.size() < Uploads.MOST_FINISHING) {
                slow.add(CompletableFuture.supplyAsync(
                        () -> finished(uploads, id, empty), task -> new Thread(task).start()));
            }
        }
        assertThat(entered.await(1, TimeUnit.MINUTES)).isTrue();
        refused(Problem.UPLOAD_BUSY, () -> uploads.finish("first", empty));
        refused(Problem.UPLOAD_BUSY, () -> uploads.commit("first"));
        refused(Problem.UPLOAD_BUSY, () -> uploads.write("first"));
        refused(Problem.UPLOAD_BUSY, () -> uploads.delete("first"));
        refused(Problem.UPLOAD_BUSY, () -> uploads.finish("third", empty));
        assertThat(uploads.commit("third").committed()).isZero();
        go.countDown();
        for (CompletableFuture<Upload> each : slow) {
            assertThat(each.get(1, TimeUnit.MINUTES).isFinalized()).isTrue();
        }
        assertThat(uploads.finish("third", empty).isFinalized()).isTrue();
    }

    private static Upload finished(Uploads uploads, String id, String digest) {
        try {
            return uploads.finish(id, digest);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A store whose puts wait. */
    private record SlowStore(ObjectStore store, CountDownLatch entered, CountDownLatch go) implements ObjectStore {
        @Override
        public void put(String name, Path file, String sha256) throws IOException {
            entered.countDown();
            try {
                go.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            store.put(name, file, sha256);
        }

        @Override
        public OptionalLong size(String name) throws IOException {
            return store.size(name);
        }

        @Override
        public InputStream open(String name, long offset) throws IOException {
            return store.open(name, offset);
        }

        @Override
        public void delete(String name) throws IOException {
            store.delete(name);
        }

        @Override
        public List<String> list(String prefix) throws IOException {
            return store.list(prefix);
        }
    }

    @Test
    void longUploadsAreCommittedOnTheirWay() throws Exception {
        Uploads large = new Uploads(
                root.resolve("large"),
                new FolderStore(root.resolve("objects")),
                UploadLimits.DEFAULT,
                Clock.fixed(now, ZoneOffset.UTC));
        large.create("some-file", 64L << 20);
        Uploads.Writing writing = large.write("some-file");
        byte[] piece = new byte[1 << 20];
        Arrays.fill(piece, (byte) 1);
        for (long at = 0; at < 40L << 20; at += piece.length) {
            writing.write(at, ByteBuffer.wrap(piece));
        }
        assertThat(large.get("some-file").committed()).isEqualTo(UploadFile.COMMIT_EVERY);
    }
}
