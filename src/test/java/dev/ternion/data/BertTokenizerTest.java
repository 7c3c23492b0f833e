package dev.ternion.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BertTokenizerTest {
    private static final String VOCABULARY = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nc\n##b\ncafe\n.\n";
    private static BertTokenizer tokenizer;

    @TempDir
    private Path folder;

    @BeforeAll
    static void open() throws IOException {
        tokenizer = ofVocabulary(VOCABULARY);
    }

    @AfterAll
    static void close() {
        tokenizer.close();
    }

    @Test
    void wordPieceOfAVocabularyFile() throws IOException {
        Path file = Files.writeString(folder.resolve("vocab.txt"), VOCABULARY.replace("\n", "\r\n"));
        try (BertTokenizer fromFile = BertTokenizer.open(file, SharedData.CACHE)) {
            Encoding encoding = fromFile.encode("Ab CAFÉ. zz [MASK]", null, 32);
            assertThat(encoding.ids()).containsExactly(2, 5, 8, 9, 10, 1, 4, 3);
            assertThat(encoding.typeIds()).containsOnly(0);
        }
    }

    @Test
    void pairsHaveTypeIds() {
        Encoding encoding = tokenizer.encode("a", "b c", 32);
        assertThat(encoding.ids()).containsExactly(2, 5, 3, 6, 7, 3);
        assertThat(encoding.typeIds()).containsExactly(0, 0, 0, 1, 1, 1);
    }

    @Test
    void singlesAreCutAtTheEnd() {
        assertThat(tokenizer.encode("a b c", null, 4).ids()).containsExactly(2, 5, 6, 3);
        assertThatThrownBy(() -> tokenizer.encode("a", null, 2)).hasMessageContaining("maximum length is 2");
    }

    /** Against BERT's loop: drop the last token of the longer text, of the second if equal, until both fit. */
    @Test
    void pairsAreCutLongestFirst() {
        for (int a = 1; a < 9; a++) {
            for (int b = 1; b < 9; b++) {
                for (int max = 3; max < 20; max++) {
                    assertThat(tokenizer
                                    .encode(words("a", a), words("b", b), max)
                                    .ids())
                            .as("%d and %d tokens in %d", a, b, max)
                            .containsExactly(reference(a, b, max));
                }
            }
        }
    }

    private static String words(String word, int count) {
        return String.join(" ", Collections.nCopies(count, word));
    }

    private static int[] reference(int lengthA, int lengthB, int max) {
        int a = lengthA;
        int b = lengthB;
        while (a + b > max - 3) {
            if (a > b) {
                a--;
            } else {
                b--;
            }
        }
        List<Integer> ids = new ArrayList<>(List.of(2));
        ids.addAll(Collections.nCopies(a, 5));
        ids.add(3);
        ids.addAll(Collections.nCopies(b, 6));
        ids.add(3);
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }

    private static String json() throws IOException {
        Vocabulary vocabulary = new Vocabulary(VOCABULARY.getBytes(StandardCharsets.UTF_8));
        return new String(TokenizerJson.uncased(vocabulary).drain().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static BertTokenizer ofVocabulary(String vocabulary) throws IOException {
        InputStream bytes = new ByteArrayInputStream(vocabulary.getBytes(StandardCharsets.UTF_8));
        return BertTokenizer.ofVocabulary(bytes, SharedData.CACHE);
    }

    private static BertTokenizer ofJson(String json) throws IOException {
        InputStream bytes = new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8));
        return BertTokenizer.ofJson(bytes, SharedData.CACHE);
    }

    @Test
    void manyAtOnceAreTheSameAsOneByOneAcrossChunks() {
        List<Example> examples = new ArrayList<>();
        for (int i = 0; i < 2500; i++) {
            examples.add(new Example(words("a b", 1 + i % 5), i % 3 == 0 ? words("c", 1 + i % 4) : null, i, i));
        }
        EncodedSplit split = EncodedSplit.of(tokenizer, examples, 9);
        for (int i = 0; i < examples.size(); i += 123) {
            Encoding one =
                    tokenizer.encode(examples.get(i).textA(), examples.get(i).textB(), 9);
            assertThat(split.ids()[i]).containsExactly(one.ids());
            assertThat(split.typeIds()[i]).containsExactly(one.typeIds());
            assertThat(split.labels()[i]).isEqualTo(i);
        }
    }

    @Test
    void truncationAndPaddingOfTheFileAreIgnored() throws IOException {
        String json = json().replace(
                        "\"truncation\":null",
                        "\"truncation\":{\"direction\":\"Right\",\"max_length\":4,\"strategy\":\"LongestFirst\","
                                + "\"stride\":0}")
                .replace(
                        "\"padding\":null",
                        "\"padding\":{\"strategy\":{\"Fixed\":40},\"direction\":\"Right\",\"pad_to_multiple_of\":null,"
                                + "\"pad_id\":0,\"pad_type_id\":0,\"pad_token\":\"[PAD]\"}");
        assertThat(json).contains("Fixed").contains("LongestFirst");
        try (BertTokenizer other = ofJson(json)) {
            assertThat(other.encode("a b c a b c", null, 64).ids()).containsExactly(2, 5, 6, 7, 5, 6, 7, 3);
        }
    }

    @Test
    void whatIsNoBertTokenizerIsRefused() {
        assertThatThrownBy(() -> ofJson("{}")).isInstanceOf(IOException.class).hasMessageContaining("no \"model\"");
        assertThatThrownBy(() -> ofJson("nonsense")).hasMessageContaining("not JSON");
        assertThatThrownBy(() -> ofVocabulary("a\nb\n")).hasMessageContaining("no [PAD]");
        String moved = VOCABULARY.replace("[PAD]\n", "") + "[PAD]\n";
        assertThatThrownBy(() -> ofVocabulary(moved)).hasMessageContaining("of [PAD], wanted id 0");
        assertThatThrownBy(() -> ofJson(json().replaceAll("\"post_processor\":\\{[^}]*\\}", "\"post_processor\":null")))
                .hasMessageContaining("wanted 3: [CLS] a [SEP]");
    }
}
