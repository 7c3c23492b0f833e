package dev.ternion.objects;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.artifact.BrokenDisk;
import dev.ternion.artifact.Digests;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Objects in a folder. */
class FolderStoreTest extends ObjectStoreContract {
    @Override
    protected ObjectStore store() {
        return new FolderStore(folder.resolve("objects"));
    }

    @Test
    void bytesAreOnDiskBeforeTheName_andTheNameBeforeTheAnswer() throws Exception {
        BrokenDisk disk = new BrokenDisk(0, false);
        Path file = Files.write(folder.resolve("file"), bytes(9));
        new FolderStore(folder.resolve("objects"), disk).put("a/b", file, Digests.sha256(file));
        assertThat(disk.asked)
                .containsExactly(
                        "sync file", "rename file to b", "sync a", "sync objects", "sync " + folder.getFileName());
    }
}
