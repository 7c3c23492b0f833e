package dev.ternion.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlainLinesReaderTest {
    private static final EvalSplit.Fraction THIRD = new EvalSplit.Fraction(1 / 3.0, 1);

    @TempDir
    private Path folder;

    private Map<String, Path> files(String zero, String one) throws IOException {
        Map<String, Path> files = new LinkedHashMap<>();
        files.put("z", Files.writeString(folder.resolve("zero.txt"), zero));
        files.put("a", Files.writeString(folder.resolve("one.txt"), one));
        return files;
    }

    @Test
    void classOfALineIsItsFileInTheOrderGiven() throws IOException {
        Dataset data = PlainLinesReader.read(files("First\n\nSecond\n", "Third"), THIRD, ReadBounds.DEFAULT);
        assertThat(data.task().labels()).containsExactly("z", "a");
        assertThat(data.train()).hasSize(2);
        assertThat(data.eval()).hasSize(1);
        assertThat(Stream.concat(data.train().stream(), data.eval().stream()))
                .containsExactlyInAnyOrder(
                        new Example("First", null, 0, 1),
                        new Example("Second", null, 0, 3),
                        new Example("Third", null, 1, 1));
    }

    @Test
    void longLinesAndEmptyFilesAreProblems() {
        assertThatThrownBy(() -> PlainLinesReader.read(files("much too long\n", "\n"), THIRD, new ReadBounds(99, 9, 5)))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("row 1, column line, zero.txt: is 6 characters long, wanted at most 5")
                .hasMessageContaining("one.txt: has no lines of text");
    }

    @Test
    void clickbaitHeadlines() {
        Path clickbait = SharedData.data("interventions/clickbait");
        Map<String, Path> files = new LinkedHashMap<>();
        files.put("other", clickbait.resolve("non_clickbait_data.gz"));
        files.put("clickbait", clickbait.resolve("clickbait_data.gz"));
        Dataset data = PlainLinesReader.read(files, new EvalSplit.Fraction(0.1, 7), ReadBounds.DEFAULT);
        assertThat(data.train()).hasSize(28_800);
        assertThat(data.eval()).hasSize(3_200);
        double share = data.train().stream().filter(e -> e.label() == 1).count() / 28_800.0;
        assertThat(share).isBetween(0.48, 0.52);
    }

    @Test
    void tablesOfTheSharedData() {
        TabularSpec news = TabularSpec.of(TabularSpec.Format.TSV, Column.at(0), null, Column.at(1));
        Dataset agnews = TabularReader.read(
                news, SharedData.data("agnews/train10k.tsv.gz"), EvalSplit.file(SharedData.data("agnews/test.tsv.gz")));
        assertThat(agnews.task().labels()).containsExactly("Business", "Sci/Tech", "Sports", "World");
        // The folder's README says 10 000; the file has one Sci/Tech row more.
        assertThat(agnews.train()).hasSize(10_001);
        assertThat(agnews.eval()).hasSize(7_600);
        TabularSpec sms = TabularSpec.of(TabularSpec.Format.TSV, Column.at(1), null, Column.at(0));
        Dataset spam =
                TabularReader.read(sms, SharedData.data("sms_spam/SMSSpamCollection.tsv"), EvalSplit.fraction(0.1, 1));
        assertThat(spam.train().size() + spam.eval().size()).isEqualTo(5574);
    }
}
