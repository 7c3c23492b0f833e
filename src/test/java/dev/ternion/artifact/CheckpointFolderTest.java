package dev.ternion.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints appear whole or not at all, whatever fails, and do not count once a bit is not as it was. */
class CheckpointFolderTest {
    private static final String TENSORS = "a.safetensors";
    private static final String TEXT = "b.json";

    @TempDir(factory = InMemory.class)
    Path root;

    private static List<Path> lastTwo(List<Path> newestFirst) {
        return newestFirst.subList(0, Math.min(2, newestFirst.size()));
    }

    private static void save(CheckpointFolder folder, long step) throws IOException {
        try (CheckpointWriter writer = folder.begin(step, CheckpointFolderTest::lastTwo)) {
            ByteBuffer bytes = ByteBuffer.allocate(8).putLong(0, step);
            writer.tensors(TENSORS)
                    .add("x", "F32", new long[] {2}, bytes::duplicate)
                    .write();
            writer.write(TEXT, ("{\"step\":" + step + "}").getBytes(StandardCharsets.UTF_8));
            writer.commit();
        }
    }

    private static void holds(Path checkpoint, long step) throws IOException {
        assertThat(checkpoint).hasFileName(String.format("step-%012d", step));
        try (SafetensorsFile file = SafetensorsFile.open(checkpoint.resolve(TENSORS))) {
            assertThat(file.bytes("x").order(java.nio.ByteOrder.BIG_ENDIAN).getLong(0))
                    .isEqualTo(step);
        }
        assertThat(checkpoint.resolve(TEXT)).hasContent("{\"step\":" + step + "}");
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void theLastTwoAreKept_inTheOrderOfTheirSteps() throws Exception {
        Path folder = root.resolve("checkpoints/job");
        CheckpointFolder checkpoints = new CheckpointFolder(folder);
        assertThat(checkpoints.newest(any -> true))
                .isEqualTo(new CheckpointFolder.Found(java.util.Optional.empty(), List.of()));
        for (long step : new long[] {9, 10, 100}) {
            save(checkpoints, step);
            holds(checkpoints.newest(any -> true).intact().orElseThrow(), step);
        }
        assertThat(names(folder)).containsExactly("step-000000000010", "step-000000000100");
        save(checkpoints, 100);
        holds(new CheckpointFolder(folder).newest(any -> true).intact().orElseThrow(), 100);
        checkpoints.clear(all -> List.of());
        assertThat(names(folder)).isEmpty();
    }

    @Test
    void everythingIsOnDiskBeforeTheRename_andTheManifestIsLast() throws Exception {
        Path folder = root.resolve("job");
        save(new CheckpointFolder(folder), 1);
        save(new CheckpointFolder(folder), 2);
        BrokenDisk disk = new BrokenDisk(0, false);
        save(new CheckpointFolder(folder, disk), 3);
        String saving = ".step-000000000003.saving", old = ".step-000000000001.deleted";
        assertThat(disk.asked.subList(0, 15))
                .containsExactly(
                        "create " + saving,
                        "create ." + TENSORS,
                        "sync file",
                        "rename ." + TENSORS + " to " + TENSORS,
                        "sync " + saving,
                        "create ." + TEXT,
                        "sync file",
                        "rename ." + TEXT + " to " + TEXT,
                        "sync " + saving,
                        "create ." + Manifest.NAME,
                        "sync file",
                        "rename ." + Manifest.NAME + " to " + Manifest.NAME,
                        "sync " + saving,
                        "rename " + saving + " to step-000000000003",
                        "sync job");
        assertThat(disk.asked.get(15)).isEqualTo("rename step-000000000001 to " + old);
        assertThat(disk.asked.subList(16, 20))
                .containsExactlyInAnyOrder(
                        "delete " + TENSORS, "delete " + TEXT, "delete " + Manifest.NAME, "delete " + old);
    }

    /** Once for a first checkpoint in a new folder, once where others are; each operation fails in turn. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whateverOperationFails_thereIsAWholeCheckpoint_andTheNextStartFindsIt(boolean deadly) throws Exception {
        int commits = 0, failures = 0;
        for (long before : new long[] {0, 2}) {
            for (int n = 1; ; n++) {
                Path folder = root.resolve(before + "-" + n + "/job");
                for (long step = 1; step <= before; step++) {
                    save(new CheckpointFolder(folder), step);
                }
                BrokenDisk disk = new BrokenDisk(n, deadly);
                boolean committed = false;
                try {
                    save(new CheckpointFolder(folder, disk), before + 1);
                    committed = true;
                } catch (IOException | BrokenDisk.Death e) {
                    failures++;
                }
                CheckpointFolder next = new CheckpointFolder(folder);
                CheckpointFolder.Found found = next.newest(any -> true);
                if (Files.exists(folder)) {
                    assertThat(names(folder)).as("%s", disk.asked).noneMatch(name -> name.startsWith("."));
                }
                assertThat(found.damaged()).as("%s", disk.asked).isEmpty();
                long newest = committed || visible(folder, before + 1) ? before + 1 : before;
                assertThat(found.intact().isPresent()).as("%s", disk.asked).isEqualTo(newest > 0);
                if (newest > 0) {
                    holds(found.intact().get(), newest);
                }
                assertThatCode(() -> save(next, 7)).doesNotThrowAnyException();
                holds(next.newest(any -> true).intact().orElseThrow(), 7);
                if (!disk.failed()) {
                    commits++;
                    break;
                }
            }
        }
        assertThat(commits).isEqualTo(2);
        assertThat(failures).isGreaterThan(28);
    }

    @Test
    void noByteOfAnyFileMayDifferInABit() throws Exception {
        Path folder = root.resolve("job");
        CheckpointFolder checkpoints = new CheckpointFolder(folder);
        save(checkpoints, 1);
        int flips = 0;
        for (String name : List.of(TENSORS, TEXT, Manifest.NAME)) {
            Path file = folder.resolve("step-000000000001").resolve(name);
            byte[] bytes = Files.readAllBytes(file);
            for (int at = 0; at < bytes.length; at++) {
                byte good = bytes[at];
                bytes[at] ^= (byte) (1 << at % 8);
                Files.write(file, bytes);
                CheckpointFolder.Found found = checkpoints.newest(any -> true);
                assertThat(found.intact()).as("%s, a bit of byte %d", name, at).isEmpty();
                bytes[at] = good;
                flips++;
            }
            Files.write(file, bytes);
        }
        assertThat(flips).isGreaterThan(400);
        holds(checkpoints.newest(any -> true).intact().orElseThrow(), 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {TENSORS, TEXT, Manifest.NAME})
    void ofADamagedOneTheOneBeforeIsTaken_andItIsRemoved(String name) throws Exception {
        Path folder = root.resolve("job");
        CheckpointFolder checkpoints = new CheckpointFolder(folder);
        save(checkpoints, 1);
        save(checkpoints, 2);
        Path file = folder.resolve("step-000000000002").resolve(name);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        CheckpointFolder.Found found = checkpoints.newest(any -> true);
        holds(found.intact().orElseThrow(), 1);
        assertThat(found.damaged()).hasSize(1);
        assertThat(found.damaged().get(0)).contains("step-000000000002", name);
        assertThat(names(folder)).containsExactly("step-000000000001");
    }

    @Test
    void missingAndTruncatedAndForeignFilesAreNamed() throws Exception {
        Path folder = root.resolve("job");
        save(new CheckpointFolder(folder), 1);
        Path only = folder.resolve("step-000000000001");
        byte[] good = Files.readAllBytes(only.resolve(TENSORS));

        Files.write(only.resolve(TENSORS), java.util.Arrays.copyOf(good, good.length - 1));
        assertThat(damage(folder)).contains(TENSORS + ": expected " + good.length + " bytes, got " + (good.length - 1));
        Files.delete(only.resolve(TENSORS));
        assertThat(damage(folder)).contains(TENSORS + " is missing");
        Files.write(only.resolve(TENSORS), good);
        Files.writeString(only.resolve("more"), "");
        assertThat(damage(folder)).contains("step-000000000001");
        Files.delete(only.resolve("more"));
        byte[] manifest = Files.readAllBytes(only.resolve(Manifest.NAME));
        Files.delete(only.resolve(Manifest.NAME));
        assertThat(damage(folder)).contains(Manifest.NAME);
        Files.write(only.resolve(Manifest.NAME), manifest);
        holds(new CheckpointFolder(folder).newest(any -> true).intact().orElseThrow(), 1);
    }

    @Test
    void aPinnedOneStays_untilItIsUnpinned() throws Exception {
        Path folder = root.resolve("job");
        CheckpointFolder checkpoints = new CheckpointFolder(folder);
        save(checkpoints, 1);
        assertThat(checkpoints.pin(1)).isTrue();
        assertThat(checkpoints.pin(2)).as("there is none").isFalse();
        for (long step = 2; step <= 5; step++) {
            save(new CheckpointFolder(folder), step);
        }
        assertThat(checkpoints.steps()).containsExactly(1L, 4L, 5L);
        new CheckpointFolder(folder).clear(all -> List.of());
        checkpoints.remove(1);
        assertThat(checkpoints.steps()).containsExactly(1L);
        assertThat(new CheckpointFolder(folder).isPinned(1)).isTrue();
        checkpoints.unpin(1);
        checkpoints.remove(1);
        checkpoints.remove(1);
        assertThat(names(folder)).isEmpty();
    }

    /** Whichever operation is the last of the process that removes or replaces it. */
    @Test
    void noDeathTakesAPinnedOne() throws Exception {
        for (int n = 1; ; n++) {
            Path folder = root.resolve(n + "/job");
            save(new CheckpointFolder(folder), 1);
            assertThat(new CheckpointFolder(folder).pin(1)).isTrue();
            BrokenDisk disk = new BrokenDisk(n, true);
            try {
                save(new CheckpointFolder(folder, disk), 1);
            } catch (BrokenDisk.Death e) {
                // the next process finds what is left
            }
            holds(new CheckpointFolder(folder).newest(any -> true).intact().orElseThrow(), 1);
            assertThat(new CheckpointFolder(folder).isPinned(1)).isTrue();
            if (!disk.failed()) {
                assertThat(n).isGreaterThan(18);
                break;
            }
        }
    }

    /** Does something just before one operation, as another process may. */
    private static final class Meanwhile extends FileOperations {
        private final String operation;
        private Callable<?> other;

        private Meanwhile(String operation, Callable<?> other) {
            this.operation = operation;
            this.other = other;
        }

        private void before(String asked) {
            if (asked.equals(operation) && other != null) {
                Callable<?> once = other;
                other = null;
                try {
                    once.call();
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            }
        }

        @Override
        public void rename(Path from, Path to) throws IOException {
            before("rename");
            super.rename(from, to);
        }

        @Override
        public FileChannel create(Path file) throws IOException {
            before("create");
            return super.create(file);
        }

        @Override
        public void syncFolder(Path folder) throws IOException {
            before("sync");
            super.syncFolder(folder);
        }
    }

    @Test
    void pinnedWhileItIsBeingRemoved_itStays() throws Exception {
        Path folder = root.resolve("job");
        save(new CheckpointFolder(folder), 1);
        List<Boolean> pinned = new ArrayList<>();
        Meanwhile disk = new Meanwhile("rename", () -> pinned.add(new CheckpointFolder(folder).pin(1)));
        new CheckpointFolder(folder, disk).remove(1);
        assertThat(pinned).containsExactly(true);
        holds(new CheckpointFolder(folder).newest(any -> true).intact().orElseThrow(), 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"create", "sync"})
    void removedWhileItIsBeingPinned_thereIsNoPinWithoutACheckpoint(String operation) throws Exception {
        Path folder = root.resolve("job");
        save(new CheckpointFolder(folder), 1);
        Meanwhile disk = new Meanwhile(operation, () -> {
            new CheckpointFolder(folder).remove(1);
            return null;
        });
        boolean pinned = new CheckpointFolder(folder, disk).pin(1);
        assertThat(pinned).as("the pin is there when it is synced").isEqualTo(operation.equals("sync"));
        assertThat(names(folder).size()).isEqualTo(pinned ? 2 : 0);
    }

    /** The only checkpoint is damaged: it stays where it is, for whoever looks into it. */
    private static String damage(Path folder) throws IOException {
        CheckpointFolder.Found found = new CheckpointFolder(folder).newest(any -> true);
        assertThat(found.intact()).isEmpty();
        assertThat(found.damaged()).hasSize(1);
        return found.damaged().get(0);
    }

    private static boolean visible(Path folder, long step) {
        return Files.exists(folder.resolve(String.format("step-%012d", step)));
    }
}
