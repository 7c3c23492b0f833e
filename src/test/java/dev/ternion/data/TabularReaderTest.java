package dev.ternion.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ternion.data.TabularSpec.Format;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TabularReaderTest {
    private static final TabularSpec NAMED =
            TabularSpec.of(Format.TSV, Column.named("text"), null, Column.named("label"));

    @TempDir
    private Path folder;

    private Path file(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content);
    }

    private static DatasetException failure(TabularSpec spec, Path train, EvalSplit split) {
        return catchThrowableOfType(DatasetException.class, () -> TabularReader.read(spec, train, split));
    }

    private static List<String> problems(DatasetException e) {
        return e.problems().stream().map(RowProblem::toString).toList();
    }

    @Test
    void tsvByNameInfersSortedLabelsAndReadsASecondFile() throws IOException {
        Path train = file("train.tsv", "id\ttext\tlabel\n1\tsay \"hi\tspam\n2\tb\tham\r\n\n3\tc\tspam");
        Path eval = file("eval.tsv", "\uFEFFid\ttext\tlabel\n9\td\tham\n");
        Dataset data = TabularReader.read(NAMED, train, EvalSplit.file(eval));
        assertThat(data.task().labels()).containsExactly("ham", "spam");
        assertThat(data.task().outputs()).isEqualTo(2);
        assertThat(data.train())
                .containsExactly(
                        new Example("say \"hi", null, 1, 2),
                        new Example("b", null, 0, 3),
                        new Example("c", null, 1, 5));
        assertThat(data.split("dev")).containsExactly(new Example("d", null, 0, 2));
    }

    @Test
    void wholeNumberLabelsSortAsNumbers() throws IOException {
        Path train = file("t.tsv", "text\tlabel\na\t10\nb\t2\nc\t-1\n");
        Dataset data = TabularReader.read(NAMED, train, EvalSplit.fraction(0.4, 1));
        assertThat(data.task().labels()).containsExactly("-1", "2", "10");
        assertThat(data.task().metrics()).containsExactly("ACCURACY");
    }

    @Test
    void csvWithQuotesKeepsRowNumbersOfTheFile() throws IOException {
        Path train = file("t.csv", "a,b,y\n\"one, two\",\"x\ny\",1\n\"say \"\"hi\"\"\",z,0\n");
        TabularSpec spec = TabularSpec.of(Format.CSV, Column.named("a"), Column.named("b"), Column.named("y"));
        Dataset data = TabularReader.read(spec, train, EvalSplit.file(train));
        assertThat(data.train())
                .containsExactly(new Example("one, two", "x\ny", 1, 2), new Example("say \"hi\"", "z", 0, 4));
    }

    @Test
    void jsonLinesAndGzip() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(bytes)) {
            zip.write("{\"t\":\"é\",\"y\":true}\n{\"y\":false,\"t\":\"b\\tc\"}".getBytes(StandardCharsets.UTF_8));
        }
        Path train = Files.write(folder.resolve("t.jsonl.gz"), bytes.toByteArray());
        TabularSpec spec = TabularSpec.of(Format.JSONL, Column.named("t"), null, Column.named("y"));
        Dataset data = TabularReader.read(spec, train, EvalSplit.file(train));
        assertThat(data.train()).containsExactly(new Example("é", null, 1, 1), new Example("b\tc", null, 0, 2));
    }

    @Test
    void everyBadRowIsNamedWithValueSeenAndWanted() throws IOException {
        Path train = folder.resolve("bad.tsv");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes("text\tlabel\ngood\t0\n\t1\ntoo\tmany\t1\nx\t7\n".getBytes(StandardCharsets.UTF_8));
        out.writeBytes(new byte[] {'b', (byte) 0xC3, (byte) 0x28, '\t', '1', '\n'});
        out.writeBytes("abcdefghijk\t1\ngood\t1\n".getBytes(StandardCharsets.UTF_8));
        Files.write(train, out.toByteArray());
        TabularSpec spec =
                NAMED.withLabels(LabelRule.classes(List.of("0", "1"))).withBounds(new ReadBounds(1000, 100, 10));
        DatasetException e = failure(spec, train, EvalSplit.file(train.resolveSibling("none.tsv")));
        assertThat(problems(e))
                .containsExactly(
                        "row 3, column text, bad.tsv: is empty, wanted text",
                        "row 4, bad.tsv: has 3 columns, wanted 2 as in the header",
                        "row 6, column text, bad.tsv: is not valid UTF-8: \"b\uFFFD(\"; save the file as UTF-8",
                        "row 7, column text, bad.tsv: is 11 characters long, wanted at most 10",
                        "row 5, column label, bad.tsv: label is \"7\", wanted one of [0, 1]",
                        "none.tsv: no such file: " + train.resolveSibling("none.tsv")
                                + "; give the path of the data file");
        assertThat(e.total()).isEqualTo(6);
        assertThat(e)
                .hasMessageStartingWith("6 problems in the data set: row 3")
                .hasMessageEndingWith("and 1 more");
    }

    @Test
    void problemsAreBoundedButCounted() throws IOException {
        String rows = IntStream.range(0, 250).mapToObj(i -> "x\tmaybe\n").collect(Collectors.joining());
        Path train = file("t.tsv", "text\tlabel\n" + rows);
        TabularSpec spec = NAMED.withLabels(LabelRule.classes(List.of("no", "yes")));
        DatasetException e = failure(spec, train, EvalSplit.fraction(0.5, 1));
        assertThat(e.problems()).hasSize(100);
        assertThat(e.total()).isEqualTo(250);
    }

    @Test
    void regressionTargetsMustBeNumbersInRange() throws IOException {
        Path train = file("t.tsv", "text\tlabel\na\t0\nb\t5.0\nc\t5.1\nd\tNaN\ne\tbig\nf\t-0.5\n");
        DatasetException e = failure(NAMED.withLabels(LabelRule.range(0, 5)), train, EvalSplit.fraction(0.5, 1));
        assertThat(e.problems()).extracting(RowProblem::row).containsExactly(4, 5, 6, 7);
        assertThat(e.problems().get(0).message()).contains("\"5.1\", wanted a number from 0.0 to 5.0");
    }

    @Test
    void jsonProblems() throws IOException {
        Path train = file(
                "t.jsonl",
                "{\"t\":\"a\",\"y\":1}\nnot json\n[1]\n{\"t\":\"a\"}\n{\"t\":null,\"y\":1}\n{\"t\":{},\"y\":1}\n"
                        + "{\"t\":\"a\",\"t\":\"b\",\"y\":1}\n{\"t\":\"a\",\"y\":0} {}\n{\"t\":\"\\ud800\",\"y\":0}\n");
        TabularSpec spec = TabularSpec.of(Format.JSONL, Column.named("t"), null, Column.named("y"))
                .withLabels(LabelRule.classes(List.of("0", "1")));
        DatasetException e = failure(spec, train, EvalSplit.file(train));
        assertThat(e.problems().subList(0, 8)).extracting(RowProblem::row).containsExactly(2, 3, 4, 5, 6, 7, 8, 9);
        assertThat(e.problems().get(7).message()).contains("surrogate");
    }

    @Test
    void boundsOfFileAndRows() throws IOException {
        Path train = file("t.tsv", "text\tlabel\na\t0\nb\t1\nc\t1\n");
        DatasetException rows =
                failure(NAMED.withBounds(new ReadBounds(1000, 2, 10)), train, EvalSplit.fraction(0.5, 1));
        assertThat(problems(rows)).containsExactly("row 4, t.tsv: more than 2 rows; split the file or raise the bound");
        DatasetException bytes =
                failure(NAMED.withBounds(new ReadBounds(10, 2, 10)), train, EvalSplit.fraction(0.5, 1));
        assertThat(problems(bytes).get(0)).contains("more than 10 bytes");
    }

    @Test
    void missingColumnsAndBrokenQuotes() throws IOException {
        Path train = file("t.csv", "a,y\n\"open,1\n");
        DatasetException header = failure(
                TabularSpec.of(Format.CSV, Column.named("b"), null, Column.named("y")), train, EvalSplit.file(train));
        assertThat(problems(header).get(0)).contains("column b, t.csv: is not in the header, which has [a, y]");
        DatasetException quotes = failure(
                TabularSpec.of(Format.CSV, Column.at(0), null, Column.at(1)).withHeader(true),
                train,
                EvalSplit.file(train));
        assertThat(problems(quotes).get(0)).contains("row 2").contains("without quote parsing");
        Path after = file("u.csv", "a,y\nfine,1\n\"x\"y,1\n");
        DatasetException extra = failure(
                TabularSpec.of(Format.CSV, Column.at(0), null, Column.at(1)).withHeader(true),
                after,
                EvalSplit.file(after));
        assertThat(problems(extra).get(0)).contains("row 3").contains("without quote parsing");
        DatasetException position =
                failure(TabularSpec.of(Format.TSV, Column.at(0), null, Column.at(3)), train, EvalSplit.file(train));
        assertThat(problems(position).get(0)).contains("column #3").contains("1 columns, numbered from 0");
    }

    @Test
    void oneLabelOnlyOrTooManyLabelsAreSaid() throws IOException {
        Path one = file("one.tsv", "text\tlabel\na\tx\nb\tx\n");
        assertThat(failure(NAMED, one, EvalSplit.fraction(0.5, 1))).hasMessageContaining("one label only, [x]");
        String rows = IntStream.range(0, 1001).mapToObj(i -> "t\t" + i + "\n").collect(Collectors.joining());
        Path many = file("many.tsv", "text\tlabel\n" + rows);
        assertThat(failure(NAMED, many, EvalSplit.fraction(0.5, 1))).hasMessageContaining("ask for a regression");
    }

    @Test
    void seededShareIsDisjointCompleteAndRepeatable() throws IOException {
        String rows = IntStream.range(0, 50)
                .mapToObj(i -> "t" + i + "\t" + i % 2 + "\n")
                .collect(Collectors.joining());
        Path train = file("t.tsv", "text\tlabel\n" + rows);
        Dataset data = TabularReader.read(NAMED, train, EvalSplit.fraction(0.2, 3));
        assertThat(data.eval()).hasSize(10);
        assertThat(data.train()).hasSize(40).doesNotContainAnyElementsOf(data.eval());
        assertThat(data.train()).extracting(Example::row).isSorted();
        assertThat(data.notes()).hasSize(1).first().asString().contains("10 of 50 rows");
        assertThat(TabularReader.read(NAMED, train, EvalSplit.fraction(0.2, 3)).digest())
                .isEqualTo(data.digest());
        assertThat(TabularReader.read(NAMED, train, EvalSplit.fraction(0.2, 4)).eval())
                .isNotEqualTo(data.eval());
    }

    @Test
    void contradictorySpecificationsAreRefused() {
        assertThatThrownBy(() -> NAMED.withHeader(false)).hasMessageContaining("the file has no header");
        assertThatThrownBy(() -> TabularSpec.of(Format.JSONL, Column.at(0), null, Column.named("y")))
                .hasMessageContaining("JSONL has names only");
    }
}
