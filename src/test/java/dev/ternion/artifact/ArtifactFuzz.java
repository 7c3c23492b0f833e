package dev.ternion.artifact;

import dev.ternion.fuzz.FuzzTarget;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** The readers of model files, called with damaged ones. */
public final class ArtifactFuzz {
    private static final List<String> JSON_WORDS = List.of(
            "{", "}", "[", "]", ":", ",", "\"\"", "null", "true", "1e999", "-1", "0.5", "\\u0000", "\"a\":0,", " ");

    private ArtifactFuzz() {}

    /** One for each format. */
    public static List<FuzzTarget> targets() {
        return List.of(
                new Safetensors(),
                new Onnx(),
                new TensorFlow(),
                new Jar(),
                new Json("config", List.of(TinyModel.CONFIG.toJson()), ArtifactFuzz::config),
                new Json(
                        "manifest",
                        List.of(manifest()),
                        file -> Manifest.read(file.getParent()).verify(file.getParent())),
                new Json("tokenizer", List.of(TinyModel.tokenizerJson(11)), file -> {
                    TokenizerFiles.check("tokenizer.json", file, 11);
                    TokenizerFiles.check("vocab.txt", file, 11);
                    TokenizerFiles.check("tokenizer_config.json", file, 11);
                }));
    }

    private static void config(Path file) throws IOException {
        EncoderConfig config = EncoderConfig.fromJson(file);
        BertShapes.parameters(config);
        config.toJson();
    }

    private static String manifest() {
        var entry = new Manifest.Entry(3, "0".repeat(64));
        var files = new TreeMap<>(Map.of("a.json", entry, "b.safetensors", entry));
        Manifest whole = new Manifest(files, "source", "1".repeat(64), Optional.of("MIT"));
        return new String(whole.toJson(), StandardCharsets.UTF_8);
    }

    private abstract static class Documented implements FuzzTarget {
        @Override
        public final boolean isDocumented(Throwable thrown) {
            return thrown instanceof ArtifactException;
        }
    }

    private static void readAll(TensorSource source) throws IOException {
        for (String name : source.names()) {
            source.shape(name);
            source.bytes(name);
            if (Dtype.named(source.dtype(name)).orElseThrow().floating) {
                source.read(name);
            }
        }
    }

    private static final class Safetensors extends Documented {
        @Override
        public String name() {
            return "safetensors";
        }

        @Override
        public List<byte[]> seeds() {
            return List.of(
                    file("{}", 0),
                    file(
                            "{\"__metadata__\":{\"format\":\"pt\"},\"a\":{\"dtype\":\"F32\",\"shape\":[2],"
                                    + "\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"F16\",\"shape\":[1,2],\"data_offsets\":[8,12]},"
                                    + "\"c\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[12,20]},"
                                    + "\"d\":{\"dtype\":\"BOOL\",\"shape\":[0,3],\"data_offsets\":[20,20]}}",
                            20),
                    file("{\"x\":{\"shape\":[1,1,1,1,1,1,1,1],\"dtype\":\"F64\",\"data_offsets\":[0,8]}}  ", 8));
        }

        private static byte[] file(String header, int data) {
            byte[] json = header.getBytes(StandardCharsets.UTF_8);
            ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + data).order(ByteOrder.LITTLE_ENDIAN);
            return bytes.putLong(json.length).put(json).array();
        }

        @Override
        public List<String> words() {
            return List.of(
                    "\"dtype\":",
                    "\"shape\":",
                    "\"data_offsets\":",
                    "\"__metadata__\":",
                    "\"F32\"",
                    "\"BF16\"",
                    "\"U8\"",
                    "[0,0]",
                    "[0,8]",
                    "[8,12]",
                    "[9223372036854775807,2]",
                    "[0",
                    ",0",
                    "{",
                    "}",
                    "]",
                    "\"e\":{",
                    ",");
        }

        @Override
        public void parse(byte[] input, Path scratch) throws Exception {
            try (SafetensorsFile file = SafetensorsFile.open(Files.write(scratch.resolve("f"), input))) {
                readAll(file);
            }
        }

        /** The header's length is that up to the last brace. */
        @Override
        public byte[] repair(byte[] input, SplittableRandom random) {
            int end = input.length - 1;
            while (end > 8 && input[end] != '}') {
                end--;
            }
            if (end > 8) {
                ByteBuffer.wrap(input).order(ByteOrder.LITTLE_ENDIAN).putLong(0, end - 7);
            }
            return input;
        }
    }

    private static final class Onnx extends Documented {
        @Override
        public String name() {
            return "onnx";
        }

        @Override
        public List<byte[]> seeds() throws IOException {
            byte[] small = TinyOnnx.modelOf(graph -> {
                graph.writeByteArray(1, TinyOnnx.node("MatMul", "y", "x", "onnx::MatMul_1"));
                graph.writeByteArray(1, TinyOnnx.node("Add", "z", "a.bias", "y"));
                graph.writeByteArray(1, TinyOnnx.gemm(false, "u", "x", "v", "b.bias"));
                graph.writeByteArray(
                        5, TinyOnnx.tensor("onnx::MatMul_1", 1, new long[] {3, 2}, ByteBuffer.allocate(24)));
                graph.writeByteArray(5, TinyOnnx.tensor("a.bias", 1, new long[] {2}, ByteBuffer.allocate(8)));
                graph.writeByteArray(5, TinyOnnx.tensor("v", 10, new long[] {1, 2}, ByteBuffer.allocate(4)));
                graph.writeByteArray(5, TinyOnnx.tensor("b.bias", 16, new long[] {2}, ByteBuffer.allocate(4)));
            });
            return List.of(small, TinyOnnx.model());
        }

        @Override
        public List<String> words() {
            return List.of(
                    "MatMul", "Add", "Gemm", "transB", "a.bias", "a.weight", "\n\0", "*\0", "\"\2\"\0", ":\0", "J\0");
        }

        @Override
        public void parse(byte[] input, Path scratch) throws Exception {
            try (OnnxWeights weights = OnnxWeights.open(Files.write(scratch.resolve("f.onnx"), input))) {
                readAll(weights);
            }
        }
    }

    /** The index is changed, the data file is as it was. */
    private static final class TensorFlow extends Documented {
        private byte[] data;

        @Override
        public String name() {
            return "tensorflow";
        }

        @Override
        public List<byte[]> seeds() throws IOException {
            TinyBundle model = TinyBundle.model();
            data = model.data();
            byte[] small = new TinyBundle()
                    .put("bert/pooler/dense/bias", new long[] {8}, 0, 32, 0)
                    .put("bert/pooler/dense/kernel", new long[] {2, 3}, 8, 24, 0)
                    .index(0);
            return List.of(small, model.index(0));
        }

        @Override
        public List<String> words() {
            return List.of(
                    "bert/", "/kernel", "/bias", "pooler/dense", "\b\1", "\22\2\22\0", "\0\0\0", "\1\0\0\0", "\u007f");
        }

        @Override
        public void parse(byte[] input, Path scratch) throws Exception {
            Path shard = scratch.resolve("variables.data-00000-of-00001");
            if (!Files.exists(shard)) {
                Files.write(shard, data);
            }
            Files.write(scratch.resolve("variables.index"), input);
            try (TensorFlowBundle bundle = TensorFlowBundle.open(scratch)) {
                readAll(bundle);
            }
        }

        /** The footer is a whole one, and the checksums of the index block and of the first data block fit. */
        @Override
        public byte[] repair(byte[] input, SplittableRandom random) {
            if (input.length < LevelDbTable.FOOTER + 10) {
                return input;
            }
            ByteBuffer bytes = ByteBuffer.wrap(input).order(ByteOrder.LITTLE_ENDIAN);
            int footer = input.length - LevelDbTable.FOOTER;
            bytes.putLong(input.length - 8, LevelDbTable.MAGIC);
            ByteBuffer places = bytes.slice(footer, 40);
            varint(places);
            varint(places);
            ByteBuffer index = repairBlock(bytes, footer, varint(places), varint(places));
            if (index != null && index.limit() > 3) {
                varint(index);
                index.position((int) Math.min(index.limit(), index.position() + varint(index) + 1));
                repairBlock(bytes, footer, varint(index), varint(index));
            }
            return input;
        }

        private static ByteBuffer repairBlock(ByteBuffer bytes, int most, long offset, long size) {
            if (offset < 0 || size < 4 || offset > most || size > most - offset - 5) {
                return null;
            }
            bytes.put((int) (offset + size), (byte) 0);
            int crc = LevelDbTable.maskedCrc(bytes.slice((int) offset, (int) size + 1));
            bytes.putInt((int) (offset + size) + 1, crc);
            return bytes.slice((int) offset, (int) size);
        }

        private static long varint(ByteBuffer in) {
            long value = 0;
            for (int shift = 0; shift < 63 && in.hasRemaining(); shift += 7) {
                byte next = in.get();
                value |= (long) (next & 0x7f) << shift;
                if (next >= 0) {
                    break;
                }
            }
            return value;
        }
    }

    /** A jar is found, unpacked and read as an import does it, up to the place where the model would be written. */
    private static final class Jar extends Documented {
        @Override
        public String name() {
            return "jar";
        }

        @Override
        public List<byte[]> seeds() throws IOException {
            Map<String, byte[]> inner = new TreeMap<>();
            inner.put("assets/model.json", "{\"doLowerCase\": true}".getBytes(StandardCharsets.UTF_8));
            inner.put("assets/vocab.txt", "a\nb\n".getBytes(StandardCharsets.UTF_8));
            inner.put(
                    "variables/variables.data-00000-of-00001",
                    TinyBundle.model().data());
            inner.put("variables/variables.index", TinyBundle.model().index(0));
            return List.of(TinyModel.onnxJar(), TinyModel.zip(Map.of("model", TinyModel.zip(inner))));
        }

        @Override
        public List<String> words() {
            return List.of(
                    "PK\1\2", "PK\3\4", "PK\5\6", "PK\6\6", "PK\6\7", "\1\0\1\0", "a.onnx", "../", "tokenizer.json");
        }

        @Override
        public void parse(byte[] input, Path scratch) throws Exception {
            Path jar = Files.write(scratch.resolve("m.jar"), input);
            Path work = Files.createDirectory(scratch.resolve("work"));
            try (FoundModel found = new ModelFinder(jar, work).find()) {
                readAll(found.tensors());
            } finally {
                try (var left = Files.walk(work)) {
                    for (Path path :
                            left.sorted(java.util.Comparator.reverseOrder()).toList()) {
                        Files.delete(path);
                    }
                }
            }
        }
    }

    private interface Reader {
        void read(Path file) throws IOException;
    }

    private static final class Json extends Documented {
        private final String name;
        private final List<String> seeds;
        private final Reader reader;

        Json(String name, List<String> seeds, Reader reader) {
            this.name = name;
            this.seeds = seeds;
            this.reader = reader;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public List<byte[]> seeds() {
            return seeds.stream()
                    .map(seed -> seed.getBytes(StandardCharsets.UTF_8))
                    .toList();
        }

        @Override
        public List<String> words() {
            return JSON_WORDS;
        }

        @Override
        public void parse(byte[] input, Path scratch) throws Exception {
            reader.read(Files.write(scratch.resolve("manifest.json"), input));
        }
    }
}
