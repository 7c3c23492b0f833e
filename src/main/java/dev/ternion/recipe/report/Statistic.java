package dev.ternion.recipe.report;

/** A score of predictions against labels, such as a metric of {@code training.metrics}; a pure function. */
@FunctionalInterface
public interface Statistic {
    /** Scores N predictions against N labels; the arrays are not to be kept or changed. */
    double of(float[] predictions, float[] labels);
}
