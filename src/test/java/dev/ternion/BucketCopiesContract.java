package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ternion.artifact.Digests;
import dev.ternion.artifact.InMemory;
import dev.ternion.objects.BrokenStore;
import dev.ternion.objects.BrokenStore.Way;
import dev.ternion.objects.FolderDamage;
import dev.ternion.objects.FolderObjects;
import dev.ternion.objects.ObjectStore;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Copies of folders in any store of objects: whole or not there, and what was acknowledged outlives folder and process. */
abstract class BucketCopiesContract {
    @TempDir(factory = InMemory.class)
    Path root;

    private ObjectStore store;

    /** An empty store; files that are put lie in {@code folder}. */
    abstract ObjectStore store(Path folder) throws Exception;

    /** Of so many calls one is made to fail. */
    int stride() {
        return 1;
    }

    @BeforeEach
    void open() throws Exception {
        store = store(root);
    }

    private static byte[] bytes(int seed, int count) {
        byte[] bytes = new byte[count];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** Some files, one of them empty and two equal ones. */
    private static void write(Path folder, int seed) throws IOException {
        Files.createDirectories(folder);
        Files.write(folder.resolve("model.safetensors"), bytes(seed, 200_000));
        Files.write(folder.resolve("manifest.json"), bytes(seed + 1000, 50));
        Files.write(folder.resolve("equal_one"), bytes(1, 10));
        Files.write(folder.resolve("equal-two"), bytes(1, 10));
        Files.write(folder.resolve("EMPTY"), new byte[0]);
    }

    /** Digests by name. */
    private static Map<String, String> read(Path folder) throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                files.put(folder.relativize(file).toString(), Digests.sha256(file));
            }
        } catch (NoSuchFileException e) {
            return files;
        }
        return files;
    }

    /** A data folder and the copies of its models, after a start. */
    private static final class Site {
        private final Path models;
        private final BucketCopies copies;

        private Site(ObjectStore store, Path data) throws IOException {
            models = data.resolve("models");
            copies = new BucketCopies(
                    new FolderObjects(store, "models", data.resolve("work")),
                    models,
                    data.resolve("markers"),
                    () -> {});
        }

        private Path model(String id) {
            return models.resolve(id);
        }

        /** What users are told of. */
        private Map<String, String> told(String id) throws IOException {
            return copies.has(id) ? read(model(id)) : Map.of();
        }

        private void delete(String id) throws IOException {
            copies.remove(id, () -> Folders.delete(model(id)));
        }
    }

    @Test
    void aFolderComesBackOnANewMachine_withItsTimes() throws Exception {
        Site first = new Site(store, root.resolve("first"));
        write(first.model("some-model"), 1);
        FileTime time = FileTime.fromMillis(1_700_000_000_123L);
        Files.setLastModifiedTime(first.model("some-model").resolve("manifest.json"), time);
        Files.setLastModifiedTime(first.model("some-model"), time);
        assertThat(first.copies.has("some-model")).isFalse();
        first.copies.keep("some-model");
        assertThat(first.copies.has("some-model")).isTrue();
        Site second = new Site(store, root.resolve("second"));
        assertThat(second.told("some-model"))
                .isEqualTo(read(first.model("some-model")))
                .hasSize(5);
        assertThat(Files.getLastModifiedTime(second.model("some-model"))).isEqualTo(time);
        assertThat(Files.getLastModifiedTime(second.model("some-model").resolve("manifest.json")))
                .isEqualTo(time);
        second.delete("some-model");
        assertThat(store.list("")).isEmpty();
        assertThat(second.model("some-model")).doesNotExist();
        assertThat(new Site(store, root.resolve("first")).model("some-model"))
                .as("the old machine comes back")
                .doesNotExist();
        assertThat(store.list("")).isEmpty();
    }

    @Test
    void whatIsSentIsNotSentAgain_andAnotherVersionTakesItsPlace() throws Exception {
        Site site = new Site(store, root.resolve("first"));
        write(site.model("some-model"), 1);
        site.copies.keep("some-model");
        BrokenStore counting = new BrokenStore(store, 0, Way.REFUSED);
        site = new Site(counting, root.resolve("first"));
        site.copies.keep("some-model");
        assertThat(counting.asked)
                .filteredOn(call -> call.startsWith("put"))
                .containsExactly("put models/some-model/index");
        write(site.model("some-model"), 2);
        site.copies.keep("some-model");
        assertThat(store.list("models/")).hasSize(5);
        assertThat(new Site(store, root.resolve("second")).told("some-model"))
                .isEqualTo(read(site.model("some-model")));
        assertThat(new Site(store, root.resolve("second")).told("some-model")).isNotEmpty();
    }

    @Test
    void whatAnotherMachineHasReplacedIsReplaced_andFoldersOfBeforeAreSent() throws Exception {
        write(root.resolve("first/models/old-model"), 1);
        Site first = new Site(store, root.resolve("first"));
        assertThat(first.told("old-model")).hasSize(5);
        Site second = new Site(store, root.resolve("second"));
        second.delete("old-model");
        write(second.model("old-model"), 2);
        second.copies.keep("old-model");
        assertThat(new Site(store, root.resolve("first")).told("old-model")).isEqualTo(read(second.model("old-model")));
    }

    @Test
    void aDamagedCopyIsLeftOut_orMadeAgainWhereTheFolderIs() throws Exception {
        Site first = new Site(store, root.resolve("first"));
        write(first.model("some-model"), 1);
        write(first.model("other-model"), 2);
        first.copies.keep("some-model");
        first.copies.keep("other-model");
        String name =
                "models/some-model/" + Digests.sha256(first.model("some-model").resolve("model.safetensors"));
        for (byte[] other : List.of(bytes(3, 200_000), bytes(1, 199_999), bytes(1, 200_001))) {
            put(name, other);
            Path second = root.resolve("second");
            assertThat(new Site(store, second).told("some-model")).isEmpty();
            assertThat(read(second.resolve("models/some-model"))).isEmpty();
            assertThat(new Site(store, second).told("other-model")).hasSize(5);
        }
        FolderObjects objects = new FolderObjects(store, "models", root.resolve("work"));
        var index = objects.begin().whole().get("some-model");
        Map<String, String> before = read(first.model("some-model"));
        assertThatThrownBy(() -> objects.fetch("some-model", index, first.model("some-model")))
                .isInstanceOf(FolderDamage.class)
                .hasMessageContaining(name);
        assertThat(read(first.model("some-model"))).as("untouched").isEqualTo(before);
        store.delete(name);
        assertThat(new Site(store, root.resolve("second")).told("some-model")).isEmpty();
        put("models/other-model/index", "ternion-folder 1 0\nend \n".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertThat(new Site(store, root.resolve("fourth")).told("other-model")).isEmpty();
        assertThat(new Site(store, root.resolve("first")).told("some-model")).isEqualTo(before);
        assertThat(new Site(store, root.resolve("third")).told("some-model")).isEqualTo(before);
        assertThat(new Site(store, root.resolve("third")).told("other-model")).hasSize(5);
    }

    private void put(String name, byte[] content) throws IOException {
        Path file = Files.write(root.resolve("put"), content);
        store.put(name, file, Digests.sha256(file));
    }

    @Test
    void aConnectionThatBreaksGoesOnWhereItWas() throws Exception {
        Site first = new Site(store, root.resolve("first"));
        write(first.model("some-model"), 1);
        first.copies.keep("some-model");
        CutStore cut = new CutStore(store, 70_000);
        assertThat(new Site(cut, root.resolve("second")).told("some-model")).isEqualTo(read(first.model("some-model")));
        assertThat(cut.cuts).isEqualTo(2);
        assertThatThrownBy(() -> new Site(new CutStore(store, 0), root.resolve("third")))
                .hasMessageContaining("cut");
    }

    /** Each call of the store fails in turn, or is the last of the process: what was acknowledged holds, and the same can be done again. */
    @ParameterizedTest
    @EnumSource(Way.class)
    void whateverCallFails_whatWasAcknowledgedHolds_andTheRestIsWholeOrNotThere(Way way) throws Exception {
        for (int n = 1; ; n += stride()) {
            ObjectStore real = store(root.resolve("s" + n));
            Path data = root.resolve("n" + n);
            Site before = new Site(real, data);
            write(before.model("old-model"), 1);
            before.copies.keep("old-model");
            Map<String, String> old = read(before.model("old-model"));
            BrokenStore broken = new BrokenStore(real, n, way);
            boolean kept = false, deleted = false, started = false;
            try {
                Site site = new Site(broken, data);
                started = true;
                write(site.model("new-model"), 2);
                site.copies.keep("new-model");
                kept = true;
                site.delete("old-model");
                deleted = true;
            } catch (IOException | BrokenStore.Death e) {
                assertThat(broken.failed()).isTrue();
            }
            Map<String, String> young = read(data.resolve("models/new-model"));
            Site elsewhere = new Site(real, root.resolve("e" + n));
            requireHeld(elsewhere, kept, young, deleted, old, broken);
            Site restarted = new Site(real, data);
            requireHeld(restarted, kept, young, deleted, old, broken);
            assertThat(restarted.told("new-model")).as("%s", broken.asked).isEqualTo(started ? young : Map.of());
            if (restarted.copies.has("old-model")) {
                restarted.delete("old-model");
            }
            if (!kept) {
                write(restarted.model("new-model"), 2);
                restarted.copies.keep("new-model");
            }
            assertThat(real.list("")).as("%s", broken.asked).hasSize(5);
            assertThat(new Site(real, root.resolve("l" + n)).told("new-model")).isNotEmpty();
            if (!broken.failed()) {
                assertThat(n).isGreaterThan(12);
                return;
            }
        }
    }

    private static void requireHeld(
            Site site,
            boolean kept,
            Map<String, String> young,
            boolean deleted,
            Map<String, String> old,
            BrokenStore broken)
            throws IOException {
        if (kept) {
            assertThat(site.told("new-model")).as("%s", broken.asked).isEqualTo(young);
        } else {
            assertThat(site.told("new-model")).as("%s", broken.asked).isIn(young, Map.of());
        }
        if (deleted) {
            assertThat(site.model("old-model")).as("%s", broken.asked).doesNotExist();
        }
        assertThat(site.told("old-model")).as("%s", broken.asked).isIn(old, Map.of());
    }

    /** A store whose connections break after so many bytes each. */
    private static final class CutStore implements ObjectStore {
        private final ObjectStore store;
        private final int most;
        private int cuts;

        private CutStore(ObjectStore store, int most) {
            this.store = store;
            this.most = most;
        }

        @Override
        public InputStream open(String name, long offset) throws IOException {
            if (name.endsWith("/index")) {
                return store.open(name, offset);
            }
            return new FilterInputStream(store.open(name, offset)) {
                private int left = most;

                @Override
                public int read(byte[] bytes, int from, int count) throws IOException {
                    if (left == 0) {
                        cuts++;
                        throw new IOException("cut");
                    }
                    int n = super.read(bytes, from, Math.min(left, count));
                    left -= Math.max(0, n);
                    return n;
                }
            };
        }

        @Override
        public void put(String name, Path file, String sha256) throws IOException {
            store.put(name, file, sha256);
        }

        @Override
        public OptionalLong size(String name) throws IOException {
            return store.size(name);
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
}
