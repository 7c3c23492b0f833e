package dev.ternion.data;

import java.util.List;

/**
 * The GLUE tasks that can be imported from their official files, with the numbers of the reference recipe for each
 * ([TI]'s task table). The layout is for train.tsv and dev.tsv; {@link GlueReader} knows the test files.
 */
public enum GlueTask {
    /** Acceptability of one sentence. No header: source, label, original mark, sentence. */
    COLA(
            "CoLA",
            TaskKind.CLASSIFICATION,
            List.of("0", "1"),
            List.of("MATTHEWS", "ACCURACY"),
            "MATTHEWS",
            64,
            16,
            50,
            2000),
    /** Sentiment of one sentence or phrase. */
    SST_2("SST-2", TaskKind.CLASSIFICATION, List.of("0", "1"), List.of("ACCURACY"), "ACCURACY", 64, 32, 100, 100),
    /** Whether two sentences are paraphrases. Selected by accuracy, reported as the mean of accuracy and F1. */
    MRPC(
            "MRPC",
            TaskKind.CLASSIFICATION,
            List.of("0", "1"),
            List.of("ACCURACY_F1_MEAN", "ACCURACY", "F1"),
            "ACCURACY",
            128,
            32,
            50,
            1000),
    /** Whether the first sentence entails the second; class 0 is entailment. */
    RTE(
            "RTE",
            TaskKind.CLASSIFICATION,
            List.of("entailment", "not_entailment"),
            List.of("ACCURACY"),
            "ACCURACY",
            128,
            32,
            20,
            1000),
    /** Similarity of two sentences, 0 to 5. */
    STS_B(
            "STS-B",
            TaskKind.REGRESSION,
            List.of(),
            List.of("PEARSON_SPEARMAN_MEAN", "PEARSON", "SPEARMAN"),
            "PEARSON_SPEARMAN_MEAN",
            128,
            32,
            100,
            2000),
    /** Whether a sentence answers a question; class 0 is entailment: it does. */
    QNLI(
            "QNLI",
            TaskKind.CLASSIFICATION,
            List.of("entailment", "not_entailment"),
            List.of("ACCURACY"),
            "ACCURACY",
            128,
            32,
            1000,
            1000);

    private final String officialName;
    private final TaskInfo info;
    private final String selectionMetric;
    private final int maxLength;
    private final int batchSize;
    private final int evalEvery;
    private final int evalEveryAugmented;

    GlueTask(
            String officialName,
            TaskKind kind,
            List<String> labels,
            List<String> metrics,
            String selectionMetric,
            int maxLength,
            int batchSize,
            int evalEvery,
            int evalEveryAugmented) {
        this.officialName = officialName;
        this.info = new TaskInfo(kind, labels, metrics, metrics.get(0));
        this.selectionMetric = selectionMetric;
        this.maxLength = maxLength;
        this.batchSize = batchSize;
        this.evalEvery = evalEvery;
        this.evalEveryAugmented = evalEveryAugmented;
    }

    /** Name as GLUE writes it, also the usual folder name: {@code CoLA}, {@code SST-2}, … */
    public String officialName() {
        return officialName;
    }

    /** The task with this official name, in any case. */
    public static GlueTask named(String name) {
        for (GlueTask task : values()) {
            if (task.officialName.equalsIgnoreCase(name)) {
                return task;
            }
        }
        throw new IllegalArgumentException("no GLUE task " + name + ", wanted CoLA, SST-2, MRPC, RTE, STS-B or QNLI");
    }

    /** Kind, labels and metrics; the primary metric is the one GLUE reports. */
    public TaskInfo info() {
        return info;
    }

    /** The metric by which the reference picks its best evaluation. */
    public String selectionMetric() {
        return selectionMetric;
    }

    /** Tokens of the longest sequence, special tokens included. */
    public int maxLength() {
        return maxLength;
    }

    /** Examples of one step. */
    public int batchSize() {
        return batchSize;
    }

    /** Steps between evaluations without data augmentation. */
    public int evalEvery() {
        return evalEvery;
    }

    /** Steps between evaluations with data augmentation. */
    public int evalEveryAugmented() {
        return evalEveryAugmented;
    }

    /** How train.tsv and dev.tsv are written; never with quote parsing: fields hold unbalanced quotes. */
    public TabularSpec layout() {
        TabularSpec layout = switch (this) {
            case COLA -> TabularSpec.of(TabularSpec.Format.TSV, Column.at(3), null, Column.at(1));
            case SST_2 -> columns("sentence", null, "label");
            case MRPC -> columns("#1 String", "#2 String", "Quality");
            case RTE -> columns("sentence1", "sentence2", "label");
            case STS_B -> columns("sentence1", "sentence2", "score");
            case QNLI -> columns("question", "sentence", "label");
        };
        return layout.withLabels(
                info.kind() == TaskKind.REGRESSION ? LabelRule.range(0, 5) : LabelRule.classes(info.labels()));
    }

    private static TabularSpec columns(String textA, String textB, String label) {
        Column second = textB == null ? null : Column.named(textB);
        return TabularSpec.of(TabularSpec.Format.TSV, Column.named(textA), second, Column.named(label));
    }
}
