package dev.ternion.recipe;

import dev.ternion.data.TaskInfo;
import dev.ternion.data.TaskKind;
import dev.ternion.training.metrics.MetricKind;
import dev.ternion.training.metrics.Predictions;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Metrics of predictions, by lower-case name. */
public final class Scores {
    /** Share of examples on which a student predicts what its teacher predicts; classification only. */
    public static final String TEACHER_AGREEMENT = "teacher_agreement";

    private Scores() {}

    /** Name of the metric that leads. */
    public static String primary(TaskInfo task) {
        return name(task.primaryMetric());
    }

    /** All metrics of the task. */
    public static Map<String, Double> of(TaskInfo task, Predictions predictions) {
        Map<String, Double> scores = new TreeMap<>();
        for (String metric : task.metrics()) {
            scores.put(
                    name(metric), predictions.score(MetricKind.valueOf(metric)).value());
        }
        return scores;
    }

    /** All metrics of the task, and the agreement with the teacher. */
    public static Map<String, Double> of(TaskInfo task, Predictions predictions, Predictions teacher) {
        Map<String, Double> scores = of(task, predictions);
        if (task.kind() == TaskKind.CLASSIFICATION) {
            scores.put(
                    TEACHER_AGREEMENT,
                    MetricKind.ACCURACY
                            .compute(predictions.values(), teacher.values())
                            .value());
        }
        return scores;
    }

    private static String name(String metric) {
        return metric.toLowerCase(Locale.ROOT);
    }
}
