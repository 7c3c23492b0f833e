package dev.ternion.data;

import java.util.List;

/**
 * What a data set asks of a model.
 *
 * @param kind classification or regression
 * @param labels class names in the order of their indices; empty for regression
 * @param metrics names of the metrics to report, as in {@code training.metrics.MetricKind}
 * @param primaryMetric the one that a report leads with; one of {@code metrics}
 */
public record TaskInfo(TaskKind kind, List<String> labels, List<String> metrics, String primaryMetric) {
    /** Classes of a task. */
    static final int MOST_LABELS = 1000;

    /** UTF-16 units of a class's name. */
    static final int LONGEST_LABEL = 1000;

    /** Copies the lists and refuses a task that contradicts itself or is out of bounds. */
    public TaskInfo {
        labels = List.copyOf(labels);
        metrics = List.copyOf(metrics);
        if (labels.size() > MOST_LABELS) {
            throw new IllegalArgumentException(
                    "a task has " + labels.size() + " labels, wanted at most " + MOST_LABELS);
        }
        for (String label : labels) {
            if (label.length() > LONGEST_LABEL) {
                throw new IllegalArgumentException(
                        "a label has " + label.length() + " characters, wanted at most " + LONGEST_LABEL);
            }
        }
        if (kind == TaskKind.REGRESSION && !labels.isEmpty()) {
            throw new IllegalArgumentException("a regression task has labels " + labels + ", wanted none");
        }
        if (kind == TaskKind.CLASSIFICATION && labels.size() < 2) {
            throw new IllegalArgumentException("a classification task has labels " + labels + ", wanted two or more");
        }
        if (labels.stream().distinct().count() != labels.size()) {
            throw new IllegalArgumentException("labels " + labels + " repeat a name, wanted each once");
        }
        if (!metrics.contains(primaryMetric)) {
            throw new IllegalArgumentException("primary metric " + primaryMetric + " is not one of " + metrics);
        }
    }

    /** A classification task with the usual metrics: accuracy, and F1 and Matthews where there are two classes. */
    public static TaskInfo classification(List<String> labels) {
        List<String> metrics = labels.size() == 2 ? List.of("ACCURACY", "F1", "MATTHEWS") : List.of("ACCURACY");
        return new TaskInfo(TaskKind.CLASSIFICATION, labels, metrics, "ACCURACY");
    }

    /** A regression task with both correlations and their mean. */
    public static TaskInfo regression() {
        List<String> metrics = List.of("PEARSON", "SPEARMAN", "PEARSON_SPEARMAN_MEAN");
        return new TaskInfo(TaskKind.REGRESSION, List.of(), metrics, "PEARSON_SPEARMAN_MEAN");
    }

    /** Number of outputs of a model for this task: the classes, or 1 for regression. */
    public int outputs() {
        return kind == TaskKind.REGRESSION ? 1 : labels.size();
    }
}
