package dev.ternion.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every reader of model files against files cut off at many places and files with each of their bytes changed. */
class DamagedFilesIT {
    private static final int[] FLIPS = {1, 2, 4, 8, 16, 32, 64, 128, 255};

    @TempDir
    Path folder;

    /** Cut off after each of the first 500 lengths, then every 23rd: always refused. */
    private static void cutAnywhere(byte[] whole, Path path, ThrowingCallable open) throws Exception {
        for (int length = 0; length < whole.length; length += length < 500 ? 1 : 23) {
            Files.write(path, Arrays.copyOf(whole, length));
            assertThat(catchThrowable(open)).as("cut at %d", length).isInstanceOf(ArtifactException.class);
        }
        Files.write(path, whole);
        assertThat(catchThrowable(open)).as("whole").isNull();
    }

    /** A changed byte is noticed, or changes a name or a value; it never makes another kind of failure. */
    private static void changeEachByte(int count, Path path, ThrowingCallable open) throws Exception {
        byte[] good = Files.readAllBytes(path);
        int refused = 0;
        for (int at = 0; at < count; at++) {
            for (int flip : FLIPS) {
                byte[] bad = good.clone();
                bad[at] ^= (byte) flip;
                Files.write(path, bad);
                Throwable thrown = catchThrowable(open);
                if (thrown != null) {
                    refused++;
                    assertThat(thrown).as("byte %d ^ %d", at, flip).isInstanceOf(ArtifactException.class);
                }
            }
        }
        assertThat(refused).as("changes refused").isGreaterThan(count);
    }

    @Test
    void safetensorsCut() throws Exception {
        TinyModel.huggingFace(folder, "");
        Path path = folder.resolve("model.safetensors");
        cutAnywhere(
                Files.readAllBytes(path), path, () -> SafetensorsFile.open(path).close());
    }

    @Test
    void safetensorsHeaderChanged() throws Exception {
        byte[] header = ("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
                        + "\"b\":{\"dtype\":\"F16\",\"shape\":[1,2],\"data_offsets\":[8,12]}}")
                .getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + header.length + 12).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(header.length).put(header);
        Path path = Files.write(folder.resolve("t.safetensors"), bytes.array());
        changeEachByte(8 + header.length, path, () -> SafetensorsFile.open(path).close());
    }

    @Test
    void onnxCut() throws Exception {
        Path path = folder.resolve("m.onnx");
        cutAnywhere(TinyOnnx.model(), path, () -> OnnxWeights.open(path).close());
    }

    @Test
    void onnxChanged() throws Exception {
        byte[] good = TinyOnnx.modelOf(graph -> {
            graph.writeByteArray(1, TinyOnnx.node("MatMul", "y", "x", "onnx::MatMul_1"));
            graph.writeByteArray(1, TinyOnnx.node("Add", "z", "a.bias", "y"));
            graph.writeByteArray(5, TinyOnnx.tensor("onnx::MatMul_1", 1, new long[] {3, 2}, ByteBuffer.allocate(24)));
            graph.writeByteArray(5, TinyOnnx.tensor("a.bias", 1, new long[] {2}, ByteBuffer.allocate(8)));
        });
        Path path = Files.write(folder.resolve("m.onnx"), good);
        changeEachByte(good.length, path, () -> OnnxWeights.open(path).close());
    }

    @Test
    void tensorFlowIndexCut() throws Exception {
        TinyBundle.model().writeTo(folder);
        Path path = folder.resolve("variables.index");
        cutAnywhere(
                TinyBundle.model().index(0),
                path,
                () -> TensorFlowBundle.open(folder).close());
    }

    @Test
    void tensorFlowIndexChanged() throws Exception {
        TinyBundle.model().writeTo(folder);
        Path path = folder.resolve("variables.index");
        changeEachByte(
                (int) Files.size(path),
                path,
                () -> TensorFlowBundle.open(folder).close());
    }
}
