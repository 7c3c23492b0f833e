package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ternion.server.Room;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder is in its place with its owner, its size known before, or there is no trace of it. */
class NewFoldersTest {
    private static final int CONTENT = 100;

    @TempDir
    Path folders;

    private long asked;

    private Room room(String owner) {
        return new Room() {
            @Override
            public String owner() {
                return owner;
            }

            @Override
            public void take(long bytes, Placing placing) throws IOException {
                asked = bytes;
                placing.run();
            }
        };
    }

    private void add(DurableCopies copies, String id, Room room) throws IOException {
        new NewFolders(folders, copies).add(id, room, () -> new IllegalStateException("there already"), folder -> {
            Files.createDirectory(folder);
            Files.write(folder.resolve("content"), new byte[CONTENT]);
        });
    }

    private List<String> names() throws IOException {
        try (var all = Files.list(folders)) {
            return all.map(path -> path.getFileName().toString()).toList();
        }
    }

    @Test
    void allOfAFolderCountsForItsOwnerAlone() throws Exception {
        add(DurableCopies.NONE, "first", room("token:a"));
        assertThat(asked).isEqualTo(CONTENT + "token:a".length());
        add(DurableCopies.NONE, "second", room("token:b"));
        add(DurableCopies.NONE, "third", room("token:a"));
        Files.write(
                Files.createDirectory(folders.resolve("of-an-earlier-version")).resolve("content"), new byte[5]);
        assertThat(Folders.size(folders, "token:a")).isEqualTo(2 * asked);
        assertThat(Folders.size(folders, "token:b")).isEqualTo(asked);
        assertThat(Folders.size(folders, "token:c")).isZero();
        Folders.delete(folders.resolve("third"));
        assertThat(Folders.size(folders, "token:a")).isEqualTo(asked);
        assertThat(names()).containsExactlyInAnyOrder("first", "second", "of-an-earlier-version");
    }

    @Test
    void whatIsRefusedOrFailsLeavesNothing() throws Exception {
        assertThatThrownBy(() -> add(DurableCopies.NONE, "refused", new Room() {
                    @Override
                    public String owner() {
                        return "token:a";
                    }

                    @Override
                    public void take(long bytes, Placing placing) {
                        throw new IllegalStateException("no room");
                    }
                }))
                .hasMessage("no room");
        assertThatThrownBy(() -> new NewFolders(folders, DurableCopies.NONE)
                        .add("fails", room("token:a"), IllegalStateException::new, folder -> {
                            Files.createDirectory(folder);
                            Files.write(folder.resolve("content"), new byte[CONTENT]);
                            throw new IOException("the disk is gone");
                        }))
                .hasMessage("the disk is gone");
        assertThatThrownBy(() -> add(new NoCopies(), "without-copy", room("token:a")))
                .hasMessage("the bucket is away");
        assertThat(names()).isEmpty();
        assertThat(Folders.size(folders, "token:a")).isZero();
    }

    @Test
    void theFirstOfAnIdStays() throws Exception {
        add(DurableCopies.NONE, "taken", room("token:a"));
        assertThatThrownBy(() -> add(DurableCopies.NONE, "taken", room("token:b")))
                .hasMessage("there already");
        assertThat(names()).containsExactly("taken");
        assertThat(Folders.size(folders, "token:a")).isEqualTo(asked);
    }

    @Test
    void whatAKilledServerHasLeftGoes_andWhatAWorkerIsStoringStays() throws Exception {
        Files.createDirectories(folders.resolve(".half.1234.importing/half"));
        Files.createDirectories(folders.resolve(".student.saving"));
        new NewFolders(folders, DurableCopies.NONE);
        assertThat(names()).containsExactly(".student.saving");
    }

    /** A bucket that does not answer. */
    private static final class NoCopies implements DurableCopies {
        @Override
        public boolean has(String id) {
            return false;
        }

        @Override
        public void keep(String id) throws IOException {
            throw new IOException("the bucket is away");
        }

        @Override
        public void remove(String id, Removal local) {
            throw new AssertionError("nothing is removed");
        }
    }
}
