package dev.ternion.recipe.qat;

import dev.ternion.training.metrics.Predictions;
import java.util.Map;

/**
 * What the students are held against: the teacher on the evaluation split.
 *
 * @param primary name of the metric that leads
 * @param metrics the teacher's metrics
 * @param predictions the teacher's predictions
 */
record Reference(String primary, Map<String, Double> metrics, Predictions predictions) {
    /** Share of the teacher's metric that counts as reached. */
    static final double SHARE = 0.95;

    double value() {
        return metrics.get(primary);
    }
}
