package dev.ternion.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlueReaderTest {
    @TempDir
    private Path folder;

    private void file(String name, String content) throws IOException {
        Files.writeString(folder.resolve(name), content);
    }

    private Dataset read(GlueTask task) {
        return GlueReader.read(task, folder, ReadBounds.DEFAULT);
    }

    @Test
    void colaHasNoHeader() throws IOException {
        file("train.tsv", "gj04\t1\t\tOne.\ngj04\t0\t*\tTwo is.\n");
        file("dev.tsv", "cj99\t1\t\tThree.");
        Dataset data = read(GlueTask.COLA);
        assertThat(data.train()).containsExactly(new Example("One.", null, 1, 1), new Example("Two is.", null, 0, 2));
        assertThat(data.eval()).containsExactly(new Example("Three.", null, 1, 1));
        assertThat(data.task().primaryMetric()).isEqualTo("MATTHEWS");
    }

    @Test
    void mrpcKeepsUnbalancedQuotesAndReadsALabelledTest() throws IOException {
        String header = "\uFEFFQuality\t#1 ID\t#2 ID\t#1 String\t#2 String\n";
        file("train.tsv", header + "1\t1\t2\t\" open quote\tnext\n0\t3\t4\ta\tb \"\n");
        file("dev.tsv", header + "1\t1\t2\tc\td\n");
        file("test.tsv", header + "0\t1\t2\te\tf\n");
        Dataset data = read(GlueTask.MRPC);
        assertThat(data.train())
                .containsExactly(new Example("\" open quote", "next", 1, 2), new Example("a", "b \"", 0, 3));
        assertThat(data.test()).containsExactly(new Example("e", "f", 0, 2));
        assertThat(GlueTask.MRPC.selectionMetric()).isEqualTo("ACCURACY");
    }

    @Test
    void anUnlabelledTestFileIsLeftOutAndSaid() throws IOException {
        file("train.tsv", "Quality\t#1 ID\t#2 ID\t#1 String\t#2 String\n1\t1\t2\ta\tb\n");
        file("dev.tsv", "Quality\t#1 ID\t#2 ID\t#1 String\t#2 String\n1\t1\t2\ta\tb\n");
        file("test.tsv", "index\t#1 ID\t#2 ID\t#1 String\t#2 String\n0\t1\t2\te\tf\n");
        assertThat(read(GlueTask.MRPC).notes()).containsExactly("MRPC: test.tsv has no labels and is left out");
    }

    @Test
    void entailmentIsClassZeroAndAnAbsentTrainFileIsSaid() throws IOException {
        file("dev.tsv", "index\tquestion\tsentence\tlabel\n0\tq?\ts.\tnot_entailment\n1\tq?\ts.\tentailment\n");
        Dataset data = read(GlueTask.QNLI);
        assertThat(data.train()).isEmpty();
        assertThat(data.eval()).extracting(Example::label).containsExactly(1f, 0f);
        assertThat(data.notes()).hasSize(1).first().asString().contains("train.tsv is absent");
    }

    @Test
    void stsTestFileHasSevenOrNineColumns() throws IOException {
        String header = "index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2\tscore\n";
        file("train.tsv", header + "0\tg\tf\ty\t1\tn\tn\tA.\tB.\t3.800\n");
        file("dev.tsv", header + "0\tg\tf\ty\t1\tn\tn\tC.\tD.\t5.000\n");
        file("sts-test.tsv", "g\tf\ty\t1\t2.500\tE \"x\tF.\ng\tf\ty\t2\t0.000\tG.\tH.\ts1\ts2\n");
        Dataset data = read(GlueTask.STS_B);
        assertThat(data.train()).containsExactly(new Example("A.", "B.", 3.8f, 2));
        assertThat(data.test()).containsExactly(new Example("E \"x", "F.", 2.5f, 1), new Example("G.", "H.", 0, 2));
    }

    @Test
    void badRowsOfAllFilesAreListedTogether() throws IOException {
        file("train.tsv", "sentence\tlabel\nfine\t1\nwrong\t2\n");
        file("dev.tsv", "sentence\tlabel\nno label\n");
        DatasetException e = catchThrowableOfType(DatasetException.class, () -> read(GlueTask.SST_2));
        assertThat(e.problems())
                .containsExactly(
                        new RowProblem(3, "label", "train.tsv: label is \"2\", wanted one of [0, 1]"),
                        new RowProblem(2, "", "dev.tsv: has 1 columns, wanted 2 as in the header"));
    }

    @Test
    void recipeNumbers() {
        assertThat(GlueTask.named("cola").maxLength()).isEqualTo(64);
        assertThat(GlueTask.COLA.batchSize()).isEqualTo(16);
        assertThat(GlueTask.STS_B.evalEvery()).isEqualTo(100);
        assertThat(GlueTask.RTE.evalEveryAugmented()).isEqualTo(1000);
        assertThat(GlueTask.STS_B.info().outputs()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "CoLA, 8551, 1043, 0, 721",
        "SST-2, 67349, 872, 0, 444",
        "MRPC, 3668, 408, 1725, 279",
        "RTE, 2490, 277, 0, 131",
        "STS-B, 5749, 1500, 1379, -1",
        "QNLI, 0, 5463, 0, 2761"
    })
    void officialFilesHaveTheirKnownCounts(String name, int train, int dev, int test, int devOnes) {
        Path official = SharedData.data("glue/" + name);
        Dataset data = GlueReader.read(GlueTask.named(name), official, ReadBounds.DEFAULT);
        assertThat(List.of(data.train().size(), data.eval().size(), data.test().size()))
                .containsExactly(train, dev, test);
        if (devOnes >= 0) {
            assertThat(data.eval().stream().filter(e -> e.label() == 1)).hasSize(devOnes);
        }
    }
}
