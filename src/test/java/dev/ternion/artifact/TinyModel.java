package dev.ternion.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** A BERT encoder of a few hundred numbers, each telling its tensor and place, and the files it can come in. */
final class TinyModel {
    static final EncoderConfig CONFIG = new EncoderConfig("bert", 11, 8, 2, 2, 12, 6, 2, 1e-12, 0.1, 0.1, true);

    private TinyModel() {}

    static Map<String, long[]> shapes() {
        return BertShapes.of(CONFIG);
    }

    /** Value at a flat index of a tensor in its Hugging Face layout: different for every tensor and place. */
    static float value(String name, int index) {
        return (name.hashCode() % 997) + index / 1024f;
    }

    static int count(long[] shape) {
        int count = 1;
        for (long extent : shape) {
            count *= (int) extent;
        }
        return count;
    }

    /** Little-endian f32 in Hugging Face's layout. */
    static ByteBuffer values(String name, long[] shape) {
        int count = count(shape);
        ByteBuffer bytes = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
        IntStream.range(0, count).forEach(i -> bytes.putFloat(4 * i, value(name, i)));
        return bytes;
    }

    /** The same values with the two axes exchanged, as exporters store linear weights. */
    static ByteBuffer turned(String name, long[] shape) {
        int out = (int) shape[0];
        int in = (int) shape[1];
        ByteBuffer bytes = ByteBuffer.allocate(4 * out * in).order(ByteOrder.LITTLE_ENDIAN);
        for (int o = 0; o < out; o++) {
            for (int i = 0; i < in; i++) {
                bytes.putFloat(4 * (i * out + o), value(name, o * in + i));
            }
        }
        return bytes;
    }

    static boolean isLinear(String name) {
        return name.endsWith(".weight") && !name.contains("LayerNorm") && !name.startsWith("embeddings");
    }

    /** Writes config.json, model.safetensors and vocab.txt; tensor names get a prefix. */
    static Path huggingFace(Path folder, String prefix) throws IOException {
        return huggingFace(folder, prefix, shapes());
    }

    static Path huggingFace(Path folder, String prefix, Map<String, long[]> shapes) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("config.json"), CONFIG.toJson());
        vocab(folder.resolve("vocab.txt"), CONFIG.vocabSize());
        SafetensorsWriter writer = new SafetensorsWriter(folder.resolve("model.safetensors"));
        for (Map.Entry<String, long[]> e : shapes.entrySet()) {
            writer.add(prefix + e.getKey(), "F32", e.getValue(), () -> values(e.getKey(), e.getValue()));
        }
        writer.write();
        return folder;
    }

    static void vocab(Path file, int words) throws IOException {
        Files.writeString(
                file, IntStream.range(0, words).mapToObj(i -> "w" + i + "\n").collect(Collectors.joining()));
    }

    /** A tokenizer file with ids 0 to words-1. */
    static String tokenizerJson(int words) {
        String vocab =
                IntStream.range(0, words).mapToObj(i -> "\"w" + i + "\":" + i).collect(Collectors.joining(","));
        return "{\"version\":\"1.0\",\"added_tokens\":[{\"id\":0}],\"model\":{\"type\":\"WordPiece\",\"vocab\":{"
                + vocab + "}}}";
    }

    /** Entries in the given order, deflated. */
    static byte[] zip(Map<String, byte[]> entries) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes, StandardCharsets.UTF_8)) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                zip.putNextEntry(new ZipEntry(entry.getKey()));
                zip.write(entry.getValue());
                zip.closeEntry();
            }
        }
        return bytes.toByteArray();
    }

    static byte[] onnxJar() throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        entries.put("README", new byte[] {1});
        entries.put("tiny.onnx", TinyOnnx.model());
        entries.put("tiny-tokenizer.json", tokenizerJson(CONFIG.vocabSize()).getBytes(StandardCharsets.UTF_8));
        return zip(entries);
    }

    /** Whether all of the encoder is there with its values. */
    static void assertSame(TensorSource source) throws IOException {
        for (Map.Entry<String, long[]> e : shapes().entrySet()) {
            assertThat(source.shape(e.getKey())).as(e.getKey()).isEqualTo(e.getValue());
            FloatBuffer read = source.read(e.getKey());
            float[] got = new float[read.remaining()];
            read.get(got);
            float[] wanted = new float[count(e.getValue())];
            values(e.getKey(), e.getValue()).asFloatBuffer().get(wanted);
            assertThat(got).as(e.getKey()).isEqualTo(wanted);
        }
    }
}
