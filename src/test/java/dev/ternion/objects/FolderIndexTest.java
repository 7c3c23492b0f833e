package dev.ternion.objects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ternion.artifact.InMemory;
import dev.ternion.objects.FolderIndex.Entry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An index is no larger than is said. */
class FolderIndexTest {
    @TempDir(factory = InMemory.class)
    Path root;

    private static FolderIndex of(int files) {
        TreeMap<String, Entry> entries = new TreeMap<>();
        for (int i = 0; i < files; i++) {
            entries.put("file-" + i, new Entry(i, -i, "0".repeat(64)));
        }
        return new FolderIndex(7, entries);
    }

    @Test
    void aThousandFilesAndNoMore() throws Exception {
        FolderIndex most = of(1000);
        assertThat(FolderIndex.parse("most", most.bytes())).isEqualTo(most);
        assertThatThrownBy(() -> FolderIndex.parse("more", of(1001).bytes()))
                .isInstanceOf(FolderDamage.class)
                .hasMessageContaining("more is no index of at most 1000 files");
    }

    @Test
    void aFolderOfMoreIsNotSent() throws Exception {
        Path folder = Files.createDirectory(root.resolve("folder"));
        for (int i = 0; i < 1001; i++) {
            Files.createFile(folder.resolve("file-" + i));
        }
        assertThatThrownBy(() -> FolderIndex.of(folder)).hasMessageContaining("at most 1000 files");
        Files.delete(folder.resolve("file-0"));
        assertThat(FolderIndex.of(folder).files()).hasSize(1000);
    }

    @Test
    void aMebibyteAndNoMore() {
        byte[] text = "x".repeat(1 << 20).getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> FolderIndex.parse("most", text)).hasMessage("most is no index of a folder");
        byte[] longer = "x".repeat((1 << 20) + 1).getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> FolderIndex.parse("more", longer))
                .isInstanceOf(FolderDamage.class)
                .hasMessage("more has more than 1048576 bytes");
    }
}
