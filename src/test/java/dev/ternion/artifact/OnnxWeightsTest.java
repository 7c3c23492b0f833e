package dev.ternion.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.io.ByteArrayInputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxWeightsTest {
    private static final long[] MATRIX = {3, 2};
    private static final long[] VECTOR = {2};

    @TempDir
    Path folder;

    private Path file(byte[] bytes) throws Exception {
        return Files.write(folder.resolve("m.onnx"), bytes);
    }

    private void assertRefused(byte[] model, String message) throws Exception {
        Path path = file(model);
        assertThatThrownBy(() -> OnnxWeights.open(path).close())
                .isInstanceOf(ArtifactException.class)
                .hasMessageStartingWith(path + ": ")
                .hasMessageContaining(message)
                .hasMessageContaining("wanted ");
    }

    private static ByteBuffer zeros(int floats) {
        return ByteBuffer.allocate(4 * floats);
    }

    @Test
    void weightsComeUnderHuggingFaceNamesAndTurned() throws Exception {
        try (OnnxWeights weights = OnnxWeights.open(file(TinyOnnx.model()))) {
            assertThat(weights.names()).isEqualTo(TinyModel.shapes().keySet());
            assertThat(weights.leftOut()).containsExactly("embeddings.position_ids");
            TinyModel.assertSame(weights);
        }
    }

    @Test
    void aStreamIsSpooledBoundedAndRemoved() throws Exception {
        byte[] model = TinyOnnx.model();
        try (OnnxWeights weights =
                OnnxWeights.open(Channels.newChannel(new ByteArrayInputStream(model)), folder, model.length)) {
            TinyModel.assertSame(weights);
            assertThat(folder.toFile().list()).hasSize(1);
        }
        assertThat(folder.toFile().list()).isEmpty();
        var again = Channels.newChannel(new ByteArrayInputStream(model));
        assertThatThrownBy(() -> OnnxWeights.open(again, folder, model.length - 1))
                .isInstanceOf(ArtifactException.class)
                .hasMessageContaining("ONNX stream: bytes: saw more than " + (model.length - 1));
        assertThat(folder.toFile().list()).isEmpty();
    }

    @Test
    void gemmWithoutTransBIsTurnedAndHalvesAreWidened() throws Exception {
        ByteBuffer halves = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 6; i++) {
            halves.putShort(2 * i, (short) (0x3c00 + i));
        }
        byte[] model = TinyOnnx.modelOf(graph -> {
            graph.writeByteArray(1, TinyOnnx.gemm(false, "y", "x", "w", "a.bias"));
            graph.writeByteArray(5, TinyOnnx.tensor("w", 10, MATRIX, halves));
            graph.writeByteArray(5, TinyOnnx.tensor("a.bias", 1, VECTOR, zeros(2)));
        });
        try (OnnxWeights weights = OnnxWeights.open(file(model))) {
            assertThat(weights.names()).isEqualTo(Set.of("a.weight", "a.bias"));
            assertThat(weights.shape("a.weight")).containsExactly(2, 3);
            assertThat(weights.dtype("a.weight")).isEqualTo("F16");
            assertThat(weights.read("a.weight").get(1)).isEqualTo(FloatBytes.halfToFloat((short) 0x3c02));
            assertThat(weights.bytes("a.weight").getShort(2)).isEqualTo((short) 0x3c02);
        }
    }

    @Test
    void packedFloatDataIsRead() throws Exception {
        ByteBuffer data = ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(0, 3f)
                .putFloat(4, 4f);
        byte[] tensor = TinyOnnx.message(out -> {
            out.writeInt64(1, 2);
            out.writeInt32(2, 1);
            out.writeBytes(4, ByteString.copyFrom(data));
            out.writeString(8, "a.bias");
        });
        try (OnnxWeights weights = OnnxWeights.open(file(TinyOnnx.modelOf(g -> g.writeByteArray(5, tensor))))) {
            assertThat(weights.read("a.bias").get(1)).isEqualTo(4f);
        }
    }

    @Test
    void externalDataIsRefused() throws Exception {
        byte[] tensor = TinyOnnx.message(out -> {
            out.writeInt64(1, 2);
            out.writeInt32(2, 1);
            out.writeString(8, "a.bias");
            out.writeByteArray(13, TinyOnnx.message(e -> e.writeString(1, "location")));
            out.writeInt32(14, 1);
        });
        assertRefused(
                TinyOnnx.modelOf(g -> g.writeByteArray(5, tensor)),
                "initializer \"a.bias\": saw data in another file (external_data), wanted data inside the file");
    }

    @Test
    void wrongSizesAreRefused() throws Exception {
        assertRefused(oneTensor(new long[] {3}, 2), "raw_data for F32[3]: saw 8 bytes in 1 fields, wanted 12 bytes");
        assertRefused(oneTensor(new long[] {1L << 62, 4}, 2), "wanted a shape whose size fits 63 bits");
        assertRefused(oneTensor(new long[] {-2}, 2), "wanted a shape whose size fits 63 bits");
        assertRefused(oneTensor(new long[20], 0), "initializer: dims: saw 8 or more");
    }

    private static byte[] oneTensor(long[] shape, int floats) throws Exception {
        return TinyOnnx.modelOf(g -> g.writeByteArray(5, TinyOnnx.tensor("a.bias", 1, shape, zeros(floats))));
    }

    @Test
    void contradictionsAreRefused() throws Exception {
        byte[] bias = TinyOnnx.tensor("a.bias", 1, VECTOR, zeros(2));
        byte[] weight = TinyOnnx.tensor("w", 1, MATRIX, zeros(6));
        assertRefused(
                TinyOnnx.modelOf(g -> {
                    g.writeByteArray(5, bias);
                    g.writeByteArray(5, bias);
                }),
                "initializer \"a.bias\": saw twice, wanted once");
        assertRefused(
                TinyOnnx.modelOf(g -> {
                    g.writeByteArray(1, TinyOnnx.gemm(true, "y", "x", "w", "a.bias"));
                    g.writeByteArray(5, weight);
                    g.writeByteArray(5, bias);
                }),
                "shapes of \"w\" and \"a.bias\": saw [3, 2] and [2]");
        assertRefused(
                TinyOnnx.modelOf(g -> {
                    g.writeByteArray(1, TinyOnnx.gemm(false, "y", "x", "w", "a.bias"));
                    g.writeByteArray(5, weight);
                    g.writeByteArray(5, TinyOnnx.tensor("a.weight", 1, MATRIX, zeros(6)));
                    g.writeByteArray(5, bias);
                }),
                "parameter \"a.weight\": saw two initializers, wanted one");
    }

    @Test
    void filesThatAreNoModelAreRefused() throws Exception {
        assertRefused(new byte[0], "model: saw 0 graphs, 0 initializers");
        assertRefused("PK\3\4 not protobuf at all".getBytes(), "protobuf at byte");
        byte[] deepGroups = new byte[1 << 20];
        Arrays.fill(deepGroups, (byte) (15 << 3 | 3));
        assertRefused(deepGroups, "protobuf at byte");
        Path big = folder.resolve("big.onnx");
        try (RandomAccessFile sparse = new RandomAccessFile(big.toFile(), "rw")) {
            sparse.setLength(1L << 31);
        }
        assertThatThrownBy(() -> OnnxWeights.open(big))
                .isInstanceOf(ArtifactException.class)
                .hasMessageContaining("file size: saw 2147483648 bytes, wanted at most 2147483647");
    }
}
