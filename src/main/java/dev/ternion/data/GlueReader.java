package dev.ternion.data;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Imports a GLUE task from a folder with its official files: train.tsv (may be absent, and the notes say so), dev.tsv,
 * and the labelled test file where there is one (MRPC's test.tsv, STS-B's sts-test.tsv); unlabelled test files are left
 * out.
 */
public final class GlueReader {
    /** STS-B's test file has no header: genre, file, year, id, score, two sentences, and sometimes two sources. */
    private static final TabularSpec STS_TEST = TabularSpec.of(
                    TabularSpec.Format.TSV, Column.at(5), Column.at(6), Column.at(4))
            .withLabels(LabelRule.range(0, 5))
            .asRagged();

    private final GlueTask task;
    private final Path folder;
    private final ReadBounds bounds;
    private final RowProblems problems = new RowProblems();
    private final List<String> notes = new ArrayList<>();

    private GlueReader(GlueTask task, Path folder, ReadBounds bounds) {
        this.task = task;
        this.folder = folder;
        this.bounds = bounds;
    }

    /**
     * Reads a task.
     *
     * @param task which task
     * @param folder where train.tsv and dev.tsv are
     * @param bounds limits of each file
     * @throws DatasetException with all bad rows of all files
     */
    public static Dataset read(GlueTask task, Path folder, ReadBounds bounds) {
        return new GlueReader(task, folder, bounds).read();
    }

    private Dataset read() {
        List<Example> train = train();
        List<Example> eval = examples("dev.tsv", task.layout());
        List<Example> test = test();
        problems.throwIfAny();
        return Dataset.of(task.info(), train, eval, test, notes);
    }

    private List<Example> train() {
        if (Files.exists(folder.resolve("train.tsv"))) {
            return examples("train.tsv", task.layout());
        }
        notes.add(task.officialName() + ": train.tsv is absent; the data set can be evaluated on, not trained on");
        return List.of();
    }

    private List<Example> test() {
        if (task == GlueTask.STS_B && Files.exists(folder.resolve("sts-test.tsv"))) {
            return examples("sts-test.tsv", STS_TEST);
        }
        if (!Files.exists(folder.resolve("test.tsv"))) {
            return List.of();
        }
        if (task == GlueTask.MRPC && hasLabels(folder.resolve("test.tsv"))) {
            return examples("test.tsv", task.layout());
        }
        notes.add(task.officialName() + ": test.tsv has no labels and is left out");
        return List.of();
    }

    private boolean hasLabels(Path file) {
        try (Reader reader = TextSource.open(file, bounds.maxFileBytes())) {
            TextLines lines = new TextLines(reader, bounds.maxTextChars());
            return lines.next()
                    && List.of(lines.text().split("\t"))
                            .contains(task.layout().label().name());
        } catch (IOException e) {
            problems.add(file.getFileName().toString(), 0, "", "cannot be read: " + e.getMessage());
            return false;
        }
    }

    private List<Example> examples(String file, TabularSpec layout) {
        LabelReader labels = new LabelReader(layout.labels(), layout.label().label());
        return RowFile.read(layout.withBounds(bounds), folder.resolve(file), labels, problems);
    }
}
