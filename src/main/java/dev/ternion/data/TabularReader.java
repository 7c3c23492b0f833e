package dev.ternion.data;

import java.nio.file.Path;
import java.util.List;

/** Imports a table of texts and labels: TSV, CSV or JSONL, plain or gzip. */
public final class TabularReader {
    private TabularReader() {}

    /**
     * Reads a training file and its evaluation split.
     *
     * @param spec where texts and label stand; classes it does not give are inferred from the training file
     * @param train the training file
     * @param split a second file in the same layout, or a seeded share of the first
     * @throws DatasetException with all bad rows of both files
     */
    public static Dataset read(TabularSpec spec, Path train, EvalSplit split) {
        RowProblems problems = new RowProblems();
        LabelReader labels = new LabelReader(spec.labels(), spec.label().label());
        PackedExamples examples = RowFile.read(spec, train, labels, problems);
        labels.infer(train.getFileName().toString(), examples, problems);
        List<Example> eval = List.of();
        if (split instanceof EvalSplit.File second) {
            eval = RowFile.read(spec, second.path(), labels, problems);
        }
        problems.throwIfAny();
        TaskInfo task = spec.labels().kind() == TaskKind.REGRESSION
                ? TaskInfo.regression()
                : TaskInfo.classification(labels.classes());
        return split instanceof EvalSplit.Fraction fraction
                ? held(task, examples, fraction)
                : Dataset.of(task, examples, eval, List.of(), List.of());
    }

    /** A data set whose evaluation split is a share of the examples, with a note that says so. */
    static Dataset held(TaskInfo task, List<Example> examples, EvalSplit.Fraction fraction) {
        List<List<Example>> parts = fraction.apply(examples);
        String note = parts.get(1).size() + " of " + examples.size()
                + " rows are held back for evaluation, chosen with seed " + fraction.seed();
        return Dataset.of(task, parts.get(0), parts.get(1), List.of(), List.of(note));
    }
}
