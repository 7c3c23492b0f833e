package dev.ternion.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A backup is read as it was written, or not at all. */
class BackupReaderTest {
    private static final Instant TIME = Instant.parse("2026-11-27T23:00:00Z");
    private static final String LONG = "checkpoints/" + "j".repeat(63) + "/step-000000000042/tensors.safetensors";

    @TempDir
    Path folder;

    @Test
    void givesWhatWasWritten() throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        BackupManifest manifest = read(backup(), files);
        assertThat(manifest.created()).isEqualTo(TIME);
        assertThat(manifest.schema()).isEqualTo("3");
        assertThat(manifest.lacks()).containsExactly("models/gone (job a)");
        assertThat(files.keySet()).containsExactly(LONG, "jobs.db", "models/m/empty");
        assertThat(files.get("jobs.db")).isEqualTo(bytes(700));
        assertThat(files.get(LONG)).isEqualTo(bytes(512));
        assertThat(files.get("models/m/empty")).isEmpty();
    }

    @Test
    void everyBitThatIsFlippedIsFoundAndItsFileNamed() throws IOException {
        byte[] backup = backup();
        for (int i = 0; i < backup.length; i++) {
            byte[] damaged = backup.clone();
            damaged[i] ^= (byte) (1 << i % 8);
            assertThatThrownBy(() -> read(damaged, new TreeMap<>()))
                    .as("byte %d", i)
                    .isInstanceOf(BackupException.class)
                    .hasMessageStartingWith("the backup is damaged: ");
        }
        byte[] content = backup.clone();
        content[TarHeader.BLOCK + 3] ^= 4;
        assertThatThrownBy(() -> read(content, new TreeMap<>())).hasMessageContaining("jobs.db has SHA-256");
    }

    @Test
    void aBackupThatEndsTooEarlyOrTooLateIsNone() throws IOException {
        byte[] backup = backup();
        for (int length = 0; length < backup.length; length += 37) {
            byte[] cut = Arrays.copyOf(backup, length);
            assertThatThrownBy(() -> read(cut, new TreeMap<>()))
                    .as("%d bytes", length)
                    .isInstanceOf(BackupException.class)
                    .hasMessageContaining("cut off");
        }
        byte[] longer = Arrays.copyOf(backup, backup.length + 1);
        assertThatThrownBy(() -> read(longer, new TreeMap<>())).hasMessageContaining("followed by more");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../evil",
                "/etc/passwd",
                "models/../../evil",
                "models//x",
                ".hidden",
                "models/.x",
                "a\\b",
                "a b",
                "models/x/",
                "",
                "é"
            })
    void aNameThatLeadsElsewhereIsRefused(String name) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(new TarHeader(name, 1).bytes());
        out.write(new byte[TarHeader.BLOCK]);
        Map<String, byte[]> files = new TreeMap<>();
        assertThatThrownBy(() -> read(out.toByteArray(), files)).isInstanceOf(BackupException.class);
        assertThat(files).isEmpty();
        assertThatThrownBy(() -> new BackupWriter(out).add(name, file("any", 3)))
                .hasMessageContaining("wanted names");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "2", "3", "5", "g", "x", "L"})
    void linksDevicesAndExtensionsAreRefused(String type) throws IOException {
        byte[] block = new TarHeader("jobs.db", 0).bytes();
        int sum = Integer.parseInt(new String(block, 148, 6), 8) - block[156] + type.charAt(0);
        block[156] = (byte) type.charAt(0);
        System.arraycopy(String.format("%06o", sum).getBytes(), 0, block, 148, 6);
        Map<String, byte[]> files = new TreeMap<>();
        assertThatThrownBy(() -> read(block, files)).hasMessageContaining("is not one of a backup");
        assertThat(files).isEmpty();
    }

    @Test
    void aFileThatComesTwiceIsRefused() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        BackupWriter writer = new BackupWriter(out);
        writer.add("jobs.db", file("one", 3));
        writer.add("jobs.db", file("two", 4));
        writer.end(TIME, "1", List.of());
        assertThatThrownBy(() -> read(out.toByteArray(), new TreeMap<>()))
                .hasMessageContaining("where it should not be");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 511, (1L << 33) - 1, 1L << 33, 5_000_000_000_000L})
    void sizesOfAnyLengthFitAHeader(long size) {
        TarHeader header = new TarHeader("models/m/model.safetensors", size);
        assertThat(TarHeader.of(header.bytes())).isEqualTo(header);
        assertThat((size + header.padding()) % TarHeader.BLOCK).isZero();
    }

    @Test
    void tarReadsIt() throws Exception {
        Path file = Files.write(folder.resolve("backup.tar"), backup());
        Process tar = new ProcessBuilder("tar", "-tvf", file.toString())
                .redirectErrorStream(true)
                .start();
        List<String> lines =
                new String(tar.getInputStream().readAllBytes()).lines().toList();
        assertThat(tar.waitFor()).as("%s", lines).isZero();
        assertThat(lines).hasSize(5).allMatch(line -> line.startsWith("-rw------- 0/0 "));
        assertThat(lines.get(0)).contains(" 700 ").endsWith(" jobs.db");
        assertThat(lines.get(1)).contains(" 512 ").endsWith(" " + LONG);
    }

    private byte[] backup() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        BackupWriter writer = new BackupWriter(out);
        writer.add("jobs.db", file("jobs", 700));
        writer.add(LONG, file("tensors", 512));
        writer.add("models/m/empty", file("empty", 0));
        writer.end(TIME, "3", List.of("models/gone (job a)"));
        return out.toByteArray();
    }

    private Path file(String name, int size) throws IOException {
        return Files.write(folder.resolve(name), bytes(size));
    }

    private static byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (i * 31 + 7);
        }
        return bytes;
    }

    private static BackupManifest read(byte[] backup, Map<String, byte[]> files) throws IOException {
        return new BackupReader(new ByteArrayInputStream(backup), name -> new Kept(name, files)).read();
    }

    /** Keeps what was written when it is closed. */
    private static final class Kept extends ByteArrayOutputStream {
        private final String name;
        private final Map<String, byte[]> files;

        private Kept(String name, Map<String, byte[]> files) {
            this.name = name;
            this.files = files;
        }

        @Override
        public void close() {
            files.put(name, toByteArray());
        }
    }
}
