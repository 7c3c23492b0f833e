package dev.ternion.artifact;

import dev.ternion.fuzz.HeapCase;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** The readers of model files, with files that need much heap for their size. */
public final class ArtifactHeap {
    private static final int MOST_TOKENS = 100_000;

    private ArtifactHeap() {}

    /** One for each format, and for each way to make it large. */
    public static List<HeapCase> cases() {
        return List.of(
                HeapCase.of("safetensors", folder -> tensors(folder, 100_000, "[]"), ArtifactHeap::safetensors),
                HeapCase.of(
                        "safetensors-axes",
                        folder -> tensors(folder, 73_000, "[0,0,0,0,0,0,0,0]"),
                        ArtifactHeap::safetensors),
                HeapCase.of("safetensors-metadata", ArtifactHeap::metadata, ArtifactHeap::safetensors),
                HeapCase.of("onnx", ArtifactHeap::initializers, ArtifactHeap::onnx),
                HeapCase.of("onnx-nodes", ArtifactHeap::nodes, ArtifactHeap::onnx),
                HeapCase.of("tensorflow", ArtifactHeap::bundle, ArtifactHeap::tensorFlow),
                HeapCase.of(
                        "config",
                        folder -> json(folder.resolve("config.json"), "\"model_type\":\"bert\""),
                        folder -> refused(() -> EncoderConfig.fromJson(folder.resolve("config.json")))),
                HeapCase.of(
                        "config-values",
                        folder -> values(folder.resolve("config.json")),
                        folder -> refused(() -> EncoderConfig.fromJson(folder.resolve("config.json")))),
                HeapCase.of(
                        "manifest", folder -> json(folder.resolve("manifest.json"), "\"files\":{}"), Manifest::read),
                HeapCase.of("tokenizer-file", ArtifactHeap::tokenizer, ArtifactHeap::checkTokenizer),
                HeapCase.of("zip", ArtifactHeap::zip, ArtifactHeap::openZip));
    }

    private interface Call {
        Object call() throws Exception;
    }

    private static Object refused(Call call) throws Exception {
        try {
            return call.call();
        } catch (IOException e) {
            return e;
        }
    }

    private static Object safetensors(Path folder) throws IOException {
        Path file = folder.resolve("t.safetensors");
        return new EncoderTensors(file, SafetensorsFile.open(file));
    }

    /** Each counts 250 bytes, its extents, and its name four times. */
    private static void tensors(Path folder, int count, String shape) throws IOException {
        int size = shape.equals("[]") ? 2 : 0;
        StringBuilder header = new StringBuilder("{");
        for (int i = 0; i < count; i++) {
            header.append(i == 0 ? "\"bert." : ",\"bert.")
                    .append(Integer.toString(i, 36))
                    .append("\":{\"dtype\":\"F16\",\"shape\":")
                    .append(shape)
                    .append(",\"data_offsets\":[")
                    .append(size * i)
                    .append(',')
                    .append(size * (i + 1))
                    .append("]}");
        }
        write(folder, header.append('}').toString(), size * count);
    }

    private static void metadata(Path folder) throws IOException {
        StringBuilder header = new StringBuilder("{\"__metadata__\":{");
        for (int i = 0; i < 10_000; i++) {
            header.append(i == 0 ? "\"" : ",\"").append(i).append("\":\"\u4e00").append("x".repeat(1600));
            header.append('"');
        }
        write(folder, header.append("}}").toString(), 0);
    }

    private static void write(Path folder, String header, int data) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + data).order(ByteOrder.LITTLE_ENDIAN);
        Files.write(
                folder.resolve("t.safetensors"),
                bytes.putLong(json.length).put(json).array());
    }

    private static Object onnx(Path folder) throws IOException {
        Path file = folder.resolve("m.onnx");
        return new EncoderTensors(file, OnnxWeights.open(file));
    }

    /** Empty tensors of eight axes; each counts 224 bytes and its name's. */
    private static void initializers(Path folder) throws IOException {
        byte[] model = TinyOnnx.modelOf(graph -> {
            for (int i = 0; i < 41_000; i++) {
                String name = "bert." + Integer.toString(i, 36) + ".bias";
                graph.writeByteArray(5, TinyOnnx.tensor(name, 1, new long[8], ByteBuffer.allocate(0)));
            }
        });
        Files.write(folder.resolve("m.onnx"), model);
    }

    private static void nodes(Path folder) throws IOException {
        byte[] model = TinyOnnx.modelOf(graph -> {
            graph.writeByteArray(5, TinyOnnx.tensor("a.bias", 1, new long[] {0}, ByteBuffer.allocate(0)));
            for (int i = 0; i < 20_000; i++) {
                String name = Integer.toString(i, 36);
                graph.writeByteArray(1, TinyOnnx.node("Add", "y", name, "a.bias"));
            }
        });
        Files.write(folder.resolve("m.onnx"), model);
    }

    private static Object tensorFlow(Path folder) throws IOException {
        return new EncoderTensors(folder, TensorFlowBundle.open(folder));
    }

    private static void bundle(Path folder) throws IOException {
        TinyBundle bundle = new TinyBundle();
        for (int i = 0; i < 40_000; i++) {
            bundle.put("bert/" + Integer.toString(i, 36) + "/bias", new long[8], 0, 0, 0);
        }
        bundle.writeTo(folder);
    }

    /** As many objects as may be, then texts of two bytes a character. */
    private static void json(Path file, String first) throws IOException {
        try (Writer out = Files.newBufferedWriter(file)) {
            out.write("{" + first + ",\"objects\":[{}");
            for (int i = 0; i < MOST_TOKENS / 4 - 30; i++) {
                out.write(",{\"\u4e00\":\"\u4e00\"}");
            }
            out.write("],\"texts\":[\"\"");
            for (int i = 0; i < 64; i++) {
                out.write(",\"\u4e00" + "x".repeat(255_000) + "\"");
            }
            out.write("]}");
        }
    }

    /** Long numbers where texts are wanted. */
    private static void values(Path file) throws IOException {
        String numbers = "[0" + (",1" + "0".repeat(990)).repeat(5000) + "]";
        Files.writeString(
                file,
                "{\"model_type\":" + numbers + ",\"hidden_act\":" + numbers + ",\"position_embedding_type\":" + numbers
                        + "}");
    }

    private static void tokenizer(Path folder) throws IOException {
        StringBuilder words = new StringBuilder("\"\u4e00\":0");
        for (int i = 0; i < 400_000; i++) {
            words.append(",\"").append(Integer.toString(i, 36)).append("\":1");
        }
        Files.writeString(folder.resolve("tokenizer.json"), "{\"model\":{\"vocab\":{" + words + "}}}");
    }

    private static Object checkTokenizer(Path folder) throws IOException {
        TokenizerFiles.check("tokenizer.json", folder.resolve("tokenizer.json"), 2);
        return StrictJson.readBounded(folder.resolve("tokenizer.json"), TokenizerFiles.LONGEST);
    }

    /** Entries with long names and remarks. */
    private static void zip(Path folder) throws IOException {
        OutputStream file = Files.newOutputStream(folder.resolve("m.jar"));
        char[] name = new char[512];
        Arrays.fill(name, 'x');
        try (ZipOutputStream zip = new ZipOutputStream(file)) {
            for (int i = 0; i < 10_000; i++) {
                ZipEntry entry = new ZipEntry("\u4e00" + i + new String(name, 0, 500));
                entry.setComment("\u4e00" + "c".repeat(300));
                zip.putNextEntry(entry);
            }
        }
    }

    private static Object openZip(Path folder) throws IOException {
        ZipContents zip = new ZipContents(folder.resolve("m.jar"));
        return List.of(zip, zip.nestedZips());
    }
}
