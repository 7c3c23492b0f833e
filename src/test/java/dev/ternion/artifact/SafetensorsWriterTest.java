package dev.ternion.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {
    private static final long[] ONE = {1};

    @TempDir
    Path folder;

    private Path target;

    @BeforeEach
    void setUp() {
        target = folder.resolve("out.safetensors");
    }

    private static ByteBuffer floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return bytes.flip();
    }

    private static List<Path> filesIn(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    @Test
    void theBytesDoNotDependOnTheOrderOfDeclaration() throws Exception {
        new SafetensorsWriter(target)
                .add("b", "F32", ONE, () -> floats(2))
                .metadata("z", "1")
                .metadata("format", "pt")
                .add("a\"é", "F32", new long[] {2, 1}, () -> floats(1, 3))
                .write();
        byte[] first = Files.readAllBytes(target);
        new SafetensorsWriter(target)
                .add("a\"é", "F32", new long[] {2, 1}, () -> floats(1, 3))
                .metadata("format", "pt")
                .metadata("z", "1")
                .add("b", "F32", ONE, () -> floats(2))
                .write();
        assertThat(Files.readAllBytes(target)).isEqualTo(first);
        long header = ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
        assertThat(header % 8).isZero();
        assertThat(first).hasSize((int) (8 + header + 12));
        try (SafetensorsFile file = SafetensorsFile.open(target)) {
            assertThat(file.names()).containsExactly("a\"é", "b");
            assertThat(file.read("a\"é").get(1)).isEqualTo(3f);
            assertThat(file.metadata()).containsEntry("z", "1").hasSize(2);
        }
        assertThat(filesIn(folder)).containsExactly(target);
    }

    @Test
    void suppliersAreCalledInTurnAndOnce() throws Exception {
        List<String> calls = new ArrayList<>();
        SafetensorsWriter writer = new SafetensorsWriter(target);
        for (String name : List.of("c", "a", "b")) {
            writer.add(name, "F32", ONE, () -> {
                calls.add(name);
                return floats(1);
            });
        }
        assertThat(calls).isEmpty();
        writer.write();
        assertThat(calls).containsExactly("a", "b", "c");
    }

    @Test
    void anEmptyFileIsValid() throws Exception {
        new SafetensorsWriter(target).write();
        try (SafetensorsFile file = SafetensorsFile.open(target)) {
            assertThat(file.names()).isEmpty();
        }
    }

    @Test
    void wrongDeclarationsAreRefused() throws Exception {
        SafetensorsWriter writer = new SafetensorsWriter(target).add("a", "F32", ONE, () -> floats(1));
        assertThatThrownBy(() -> writer.add("a", "F32", ONE, () -> floats(1)))
                .hasMessageContaining("saw twice, wanted once");
        assertThatThrownBy(() -> writer.add("b", "float", ONE, () -> floats(1)))
                .hasMessageContaining("dtype: saw float");
        assertThatThrownBy(() -> writer.add("__metadata__", "F32", ONE, () -> floats(1)))
                .hasMessageContaining("name: saw");
        assertThatThrownBy(() -> writer.add("b", "F64", new long[] {1L << 31}, () -> floats(1)))
                .hasMessageContaining("shape: saw [2147483648], wanted at most 2147483647 bytes");
        assertThatThrownBy(() -> writer.add("b", "F32", new long[] {-1}, () -> floats(1)))
                .hasMessageContaining("shape: saw [-1]");
    }

    @Test
    void aFailedWriteLeavesTheOldFileAndNothingElse() throws Exception {
        Files.writeString(target, "old");
        SafetensorsWriter wrongSize = new SafetensorsWriter(target).add("a", "F32", ONE, () -> floats(1, 2));
        assertThatThrownBy(wrongSize::write)
                .isInstanceOf(ArtifactException.class)
                .hasMessageContaining("tensor \"a\": bytes supplied: saw 8, wanted 4");
        SafetensorsWriter throwing = new SafetensorsWriter(target).add("a", "F32", ONE, () -> {
            throw new IllegalStateException("no data");
        });
        assertThatThrownBy(throwing::write).isInstanceOf(IllegalStateException.class);
        assertThat(target).hasContent("old");
        assertThat(filesIn(folder)).containsExactly(target);
    }

    @Test
    void aFullDiskIsSaidClearlyAndLeavesNothing() throws Exception {
        SafetensorsWriter writer = new SafetensorsWriter(target)
                .add("a", "F32", ONE, () -> floats(1))
                .add("b", "F32", ONE, () -> {
                    throw new IOException("No space left on device");
                });
        assertThatThrownBy(writer::write)
                .isInstanceOf(ArtifactException.class)
                .hasMessageContaining("write: saw No space left on device (")
                .hasMessageContaining("bytes free), wanted room for the whole file")
                .hasMessageContaining("nothing was left behind");
        assertThat(filesIn(folder)).isEmpty();
    }

    /** The same on a real file system that is full: give its folder, at most 64 MiB free, as ternion.test.smallDisk. */
    @Test
    void aDiskThatIsReallyFull() throws Exception {
        String small = System.getProperty("ternion.test.smallDisk");
        Assumptions.assumeTrue(small != null, "no small file system given in ternion.test.smallDisk");
        Path place = Path.of(small);
        int bytes = 64 << 20;
        SafetensorsWriter writer = new SafetensorsWriter(place.resolve("out.safetensors"))
                .add("a", "U8", new long[] {bytes}, () -> ByteBuffer.allocate(bytes));
        List<Path> before = filesIn(place);
        assertThatThrownBy(writer::write)
                .isInstanceOf(ArtifactException.class)
                .hasMessageContaining("write: saw No space left on device");
        assertThat(filesIn(place)).isEqualTo(before);
    }
}
