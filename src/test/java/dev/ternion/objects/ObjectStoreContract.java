package dev.ternion.objects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ternion.artifact.Digests;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every store of objects does. */
public abstract class ObjectStoreContract {
    @TempDir
    protected Path folder;

    private ObjectStore store;

    /** An empty store; files that are put lie in {@link #folder}. */
    protected abstract ObjectStore store() throws Exception;

    @BeforeEach
    void open() throws Exception {
        store = store();
    }

    protected static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    private Path file(byte[] content) throws IOException {
        return Files.write(Files.createTempFile(folder, "put", ""), content);
    }

    private void put(String name, byte[] content) throws IOException {
        Path file = file(content);
        store.put(name, file, Digests.sha256(file));
        assertThat(file).doesNotExist();
    }

    private byte[] read(String name, long offset) throws IOException {
        try (InputStream in = store.open(name, offset)) {
            return in.readAllBytes();
        }
    }

    @Test
    void whatIsPutIsThereFromAnyOffset() throws Exception {
        byte[] content = bytes(100_000);
        put("uploads/a_1", content);
        assertThat(store.size("uploads/a_1")).isEqualTo(OptionalLong.of(100_000));
        for (int offset : new int[] {0, 1, 65_537, 99_999, 100_000}) {
            assertThat(read("uploads/a_1", offset)).isEqualTo(Arrays.copyOfRange(content, offset, 100_000));
        }
        put("empty", new byte[0]);
        assertThat(read("empty", 0)).isEmpty();
        assertThat(store.size("empty")).isEqualTo(OptionalLong.of(0));
    }

    @Test
    void aLaterOneOfTheNameReplacesIt_andDeletesTakeItAway() throws Exception {
        put("a/b", bytes(10));
        put("a/b", bytes(20));
        assertThat(read("a/b", 0)).isEqualTo(bytes(20));
        store.delete("a/b");
        store.delete("a/b");
        assertThat(store.size("a/b")).isEmpty();
        assertThatThrownBy(() -> read("a/b", 0)).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void namesAreListedByTheirBeginning() throws Exception {
        assertThat(store.list("")).isEmpty();
        for (String name : new String[] {"b", "a/y", "a/x", "aa"}) {
            put(name, bytes(1));
        }
        assertThat(store.list("")).containsExactly("a/x", "a/y", "aa", "b");
        assertThat(store.list("a/")).containsExactly("a/x", "a/y");
        assertThat(store.list("a")).containsExactly("a/x", "a/y", "aa");
    }

    @Test
    void otherBytesThanMeantAreNotStored_andStay() throws Exception {
        put("a", bytes(5));
        Path file = file(bytes(6));
        String meant = Digests.sha256(Files.write(folder.resolve("meant"), bytes(7)));
        assertThatThrownBy(() -> store.put("a", file, meant))
                .isInstanceOfSatisfying(
                        DigestMismatch.class, e -> assertThat(e.seen()).isNotEqualTo(meant));
        assertThat(read("a", 0)).isEqualTo(bytes(5));
        assertThat(file).hasBinaryContent(bytes(6));
    }

    @Test
    void aPutIsRepeatedWithoutItsFile() throws Exception {
        Path file = file(bytes(5));
        String digest = Digests.sha256(file);
        store.put("a", file, digest);
        store.put("a", file, digest);
        assertThat(read("a", 0)).isEqualTo(bytes(5));
        assertThatThrownBy(() -> store.put("b", file, digest)).isInstanceOf(NoSuchFileException.class);
    }

    /** Names that lead elsewhere, or that a store may read in its own way, are none. */
    @Test
    void namesThatAreNoneAreRefused() {
        for (String name : Names.HOSTILE) {
            assertThatThrownBy(() -> store.size(name)).as(name).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> store.open(name, 0)).as(name).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> store.delete(name)).as(name).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> store.put(name, file(bytes(1)), ""))
                    .as(name)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
