package dev.ternion.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class VocabularyTest {
    private static List<String> tokens(String text) throws IOException {
        Vocabulary vocabulary = new Vocabulary(text.getBytes(StandardCharsets.UTF_8));
        return IntStream.range(0, vocabulary.size()).mapToObj(vocabulary::token).toList();
    }

    @Test
    void linesAreTokens() throws IOException {
        assertThat(tokens("a\nb\u4e00\r\n\nd")).containsExactly("a", "b\u4e00", "", "d");
        assertThat(tokens("a\nb\n")).containsExactly("a", "b");
        assertThat(tokens("a\nb\r")).containsExactly("a", "b\r");
        assertThat(tokens("\n")).containsExactly("");
        assertThat(tokens("")).isEmpty();
    }

    @Test
    void idsAreLineNumbersFrom0() throws IOException {
        Vocabulary vocabulary = new Vocabulary("a\nab\r\nb".getBytes(StandardCharsets.UTF_8));
        assertThat(vocabulary.id("ab")).isEqualTo(1);
        assertThat(vocabulary.id("b")).isEqualTo(2);
        assertThat(vocabulary.id("c")).isEqualTo(-1);
    }

    @Test
    void aTokenTwiceIsNamedWithItsLine() {
        assertThatThrownBy(() -> tokens("a\nb\nc\nb\r\nd\n"))
                .hasMessage("vocab.txt has \"b\" again in line 4, wanted each token once");
    }

    @Test
    void tooManyAreRefused() {
        assertThatThrownBy(() -> tokens("a\n".repeat(200_001))).hasMessageContaining("200001 tokens, wanted at most");
    }
}
