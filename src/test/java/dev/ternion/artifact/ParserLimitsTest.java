package dev.ternion.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that ask for more than {@code src/docs/LIMITS.md} grants, each just beyond a limit. */
class ParserLimitsTest {
    @TempDir
    Path folder;

    private static void assertRefused(ThrowingCallable open, String message) {
        assertThatThrownBy(open).isInstanceOf(ArtifactException.class).hasMessageContaining(message);
    }

    private Path safetensors(String header) throws Exception {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + json.length).order(ByteOrder.LITTLE_ENDIAN);
        return Files.write(
                folder.resolve("t.safetensors"),
                bytes.putLong(json.length).put(json).array());
    }

    private static String many(int count, String pattern) {
        return IntStream.range(0, count)
                .mapToObj(i -> pattern.replace("%", "" + i))
                .collect(Collectors.joining(","));
    }

    private void open(String header) throws Exception {
        SafetensorsFile.open(safetensors(header)).close();
    }

    @Test
    void safetensors_headerLength() throws Exception {
        Path path = folder.resolve("long.safetensors");
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(17 << 20);
            file.writeLong(Long.reverseBytes((16 << 20) + 1));
        }
        assertRefused(() -> SafetensorsFile.open(path), "header length: saw 16777217, wanted at most 16777216");
    }

    @Test
    void safetensors_tensorsAndMetadata() throws Exception {
        String empty = "\"t%\":{\"dtype\":\"I8\",\"shape\":[0],\"data_offsets\":[0,0]}";
        String spaces = " ".repeat(2 << 20);
        assertThatCode(() -> open("{" + spaces + many(100_000, empty) + "}")).doesNotThrowAnyException();
        assertRefused(() -> open("{" + spaces + many(100_001, empty) + "}"), "header: tensors: saw more than 100000");
        assertRefused(() -> open("{" + many(100_000, empty) + "}"), "header: bytes of names and shapes: saw ");
        assertThatCode(() -> open("{\"__metadata__\":{" + many(10_000, "\"k%\":\"\"") + "}}"))
                .doesNotThrowAnyException();
        assertRefused(
                () -> open("{\"__metadata__\":{" + many(10_001, "\"k%\":\"\"") + "}}"),
                "__metadata__: keys: saw more than 10000");
    }

    private void config(String more) throws Exception {
        String json = EncoderConfigJson.write(TinyModel.CONFIG).toString();
        Path path = Files.writeString(
                folder.resolve("config.json"), json.substring(0, json.length() - 1) + ",\"x\":" + more + "}");
        EncoderConfig.fromJson(path);
    }

    @Test
    void json_depthAndSize() {
        assertThatCode(() -> config("[".repeat(63) + "]".repeat(63))).doesNotThrowAnyException();
        assertRefused(
                () -> config("[".repeat(64) + "]".repeat(64)), "nesting depth (65) exceeds the maximum allowed (64");
        assertThatCode(() -> config("[0" + ",0".repeat(99_900) + "]")).doesNotThrowAnyException();
        assertRefused(() -> config("[0" + ",0".repeat(100_000) + "]"), "Token count");
    }

    @Test
    void json_text() {
        assertThatCode(() -> config("\"" + "x".repeat(1 << 18) + "\"")).doesNotThrowAnyException();
        assertRefused(() -> config("\"" + "x".repeat((1 << 18) + 1) + "\""), "maximum allowed (262144");
    }

    private void tokenizer(String more) throws Exception {
        String json = TinyModel.tokenizerJson(11);
        Path path = Files.writeString(
                folder.resolve("tokenizer.json"), json.substring(0, json.length() - 1) + ",\"x\":" + more + "}");
        TokenizerFiles.check("tokenizer.json", path, 11);
    }

    @Test
    void tokenizer_depthAndSize() {
        assertThatCode(() -> tokenizer("[".repeat(63) + "]".repeat(63))).doesNotThrowAnyException();
        assertRefused(() -> tokenizer("[".repeat(64) + "]".repeat(64)), "nesting depth (65)");
        assertRefused(() -> tokenizer(" ".repeat(4 << 20)), "file size: saw more than 4194304");
    }

    @Test
    void vocabulary_tokens() throws Exception {
        int most = TokenizerFiles.MOST_TOKENS;
        Path path = folder.resolve("vocab.txt");
        Files.writeString(path, "a\n".repeat(most));
        assertThatCode(() -> TokenizerFiles.check("vocab.txt", path, most + 1)).doesNotThrowAnyException();
        Files.writeString(path, "a\n".repeat(most + 1));
        assertRefused(() -> TokenizerFiles.check("vocab.txt", path, most + 1), "tokens: saw 200001");
        Files.writeString(path, "a".repeat((4 << 20) - 20) + "\na\n");
        assertRefused(() -> TokenizerFiles.check("vocab.txt", path, 2), "for each of 2 tokens: saw 4194307");
    }

    @Test
    void tokenizer_idsOfARepeatedVocabularyCountToo() throws Exception {
        Path path = folder.resolve("tokenizer.json");
        for (String ids : new String[] {"{\"a\":11},\"vocab\":{\"b\":0}", "{\"a\":0},\"vocab\":{\"b\":11}"}) {
            Files.writeString(path, "{\"model\":{\"vocab\":" + ids + "}}");
            assertRefused(() -> TokenizerFiles.check("tokenizer.json", path, 11), "highest token id: saw 11");
        }
    }

    private Path jar(Map<String, byte[]> entries) throws Exception {
        return Files.write(folder.resolve("m.jar"), TinyModel.zip(entries));
    }

    private void importJar(Path jar) throws Exception {
        PretrainedImporter.importInto(jar, folder.resolve("imported"), 2);
    }

    @Test
    void zip_entries() throws Exception {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        IntStream.range(0, 10_001).forEach(i -> entries.put("e" + i, new byte[0]));
        Path jar = jar(entries);
        assertRefused(() -> importJar(jar), "entries: saw 10001, wanted at most 10000");
    }

    @Test
    void zip_names() throws Exception {
        Path jar = jar(Map.of("x".repeat(513), new byte[0]));
        assertRefused(() -> importJar(jar), "entry name: characters: saw 513, wanted at most 512");
    }

    @Test
    void zip_ratio() throws Exception {
        byte[] tokenizer = TinyModel.tokenizerJson(11).getBytes(StandardCharsets.UTF_8);
        Path jar = jar(Map.of("m.onnx", new byte[4 << 20], "m-tokenizer.json", tokenizer));
        assertRefused(() -> importJar(jar), "entry \"m.onnx\": bytes unpacked so far: saw 4194304, wanted at most 1");
    }

    /** An archive in an archive may not unpack to more than what came from outside allows. */
    @Test
    void zip_ratioOfAnArchiveInside() throws Exception {
        Map<String, byte[]> inner = new TreeMap<>();
        inner.put("assets/vocab.txt", new byte[] {'a'});
        inner.put("variables/variables.index", new byte[8]);
        for (int i = 0; i < 4; i++) {
            inner.put("variables/variables.data-0000" + i + "-of-00004", new byte[1 << 20]);
        }
        Path jar = jar(Map.of("model", TinyModel.zip(inner)));
        assertRefused(() -> importJar(jar), "bytes unpacked so far: saw ");
        assertThat(folder.resolve("imported")).doesNotExist();
    }

    private void onnx(TinyOnnx.Fields graph) throws Exception {
        OnnxWeights.open(Files.write(folder.resolve("m.onnx"), TinyOnnx.modelOf(graph)))
                .close();
    }

    @Test
    void onnx_whatIsKeptOfManySmallNodes() throws Exception {
        byte[] add = TinyOnnx.message(out -> out.writeString(4, "Add"));
        assertRefused(
                () -> onnx(graph -> {
                    for (int i = 0; i < 50_000; i++) {
                        graph.writeByteArray(1, add);
                    }
                }),
                "bytes of names and nodes: saw ");
    }

    @Test
    void onnx_initializers() throws Exception {
        byte[] padded = TinyOnnx.message(out -> out.writeByteArray(12, new byte[200]));
        assertRefused(
                () -> onnx(graph -> {
                    for (int i = 0; i <= 100_000; i++) {
                        graph.writeByteArray(5, padded);
                    }
                }),
                "graph: initializers: saw 100000 or more");
    }

    private void table(byte[] table) throws Exception {
        LevelDbTable.read("table", ByteBuffer.wrap(table));
    }

    /** A block: entries, one restart point, no compression, checksum. */
    private static byte[] block(TinyOnnx.Fields entries) throws Exception {
        byte[] body = TinyOnnx.message(entries);
        ByteBuffer block = ByteBuffer.allocate(body.length + 13).order(ByteOrder.LITTLE_ENDIAN);
        block.put(body).putInt(0).putInt(1).put((byte) 0);
        return block.putInt(LevelDbTable.maskedCrc(ByteBuffer.wrap(block.array(), 0, body.length + 9)))
                .array();
    }

    private static byte[] place(int offset, int size) throws Exception {
        return TinyOnnx.message(out -> {
            out.writeUInt32NoTag(offset);
            out.writeUInt32NoTag(size);
        });
    }

    /** A table of one data block, which the index names as often as is said, and bytes that nothing names. */
    private static byte[] table(byte[] data, int times, int idle) throws Exception {
        byte[] place = place(0, data.length - 5);
        byte[] index = block(out -> {
            for (int i = 0; i < times; i++) {
                out.writeRawBytes(
                        new byte[] {0, 3, (byte) place.length, (byte) (i >> 14), (byte) (i >> 7 & 127), (byte) (i & 127)
                        });
                out.writeRawBytes(place);
            }
        });
        ByteArrayOutputStream table = new ByteArrayOutputStream();
        table.write(data);
        table.write(new byte[idle]);
        table.write(index);
        ByteBuffer footer = ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN);
        footer.put(new byte[2]).put(place(data.length + idle, index.length - 5)).putLong(40, LevelDbTable.MAGIC);
        table.write(footer.array());
        return table.toByteArray();
    }

    /** The checksum of each would take seconds in all, and minutes in a larger file. */
    @Test
    void levelDb_oneBlockManyTimes() throws Exception {
        byte[] idle = new byte[1 << 20];
        ByteBuffer restarts = ByteBuffer.wrap(idle).order(ByteOrder.LITTLE_ENDIAN);
        restarts.putInt(idle.length - 9, (idle.length - 9) / 4);
        restarts.putInt(idle.length - 4, LevelDbTable.maskedCrc(ByteBuffer.wrap(idle, 0, idle.length - 4)));
        assertThatCode(() -> table(table(idle, 1, 0))).doesNotThrowAnyException();
        byte[] bomb = table(idle, 30_000, 0);
        assertRefused(() -> table(bomb), "bytes of all blocks: saw ");
    }

    @Test
    void levelDb_keysThatGrowByTheirPrefix() throws Exception {
        byte[] data = block(out -> {
            for (int i = 0; i < 8000; i++) {
                out.writeUInt32NoTag(i);
                out.writeUInt32NoTag(1);
                out.writeUInt32NoTag(0);
                out.write((byte) 'a');
            }
        });
        assertRefused(() -> table(table(data, 1, 0)), "bytes of keys and values: saw ");
    }

    @Test
    void levelDb_entries() throws Exception {
        byte[] data = block(out -> {
            for (int i = 0; i <= 100_000; i++) {
                String key = String.format("%06d", i);
                out.writeUInt32NoTag(0);
                out.writeUInt32NoTag(6);
                out.writeUInt32NoTag(0);
                out.writeRawBytes(key.getBytes(StandardCharsets.UTF_8));
            }
        });
        assertRefused(() -> table(table(data, 1, 20 << 20)), "entries: saw 100001, wanted at most 100000");
    }

    @Test
    void pickles_areRefusedWithAdvice() throws Exception {
        String advice = "which may hold a pickle, wanted model.safetensors. Convert it";
        for (String name :
                new String[] {"pytorch_model.bin", "model.pt", "model.PTH", "w.pkl", "w.pickle", "last.ckpt"}) {
            Path source = Files.createDirectories(folder.resolve("of-" + name));
            Files.writeString(source.resolve("config.json"), TinyModel.CONFIG.toJson());
            Path file = Files.write(source.resolve(name), TinyModel.zip(Map.of("archive/data.pkl", new byte[1])));
            assertRefused(() -> importJar(source), name + ", " + advice);
            assertRefused(() -> importJar(file), name + ", " + advice);
        }
        Path renamed = jar(Map.of("archive/data.pkl", new byte[1], "archive/version", new byte[1]));
        assertRefused(() -> importJar(renamed), "archive/data.pkl, " + advice);
    }
}
