package dev.ternion.training.metrics;

import java.util.Arrays;

/**
 * What a model said of each example of a split, in the split's order; what a bootstrap resamples.
 *
 * @param values class index, or the predicted number for regression [N]
 * @param labels what it should be [N]
 */
public record Predictions(float[] values, float[] labels) {
    /** Refuses arrays of different lengths. */
    public Predictions {
        if (values.length != labels.length) {
            throw new IllegalArgumentException(
                    values.length + " predictions and " + labels.length + " labels, wanted the same number");
        }
    }

    /**
     * From the outputs of a model.
     *
     * @param logits_NC logits, row after row [N·C]; C = 1 means regression and the values are taken as they are
     * @param labels class index or target [N]
     * @throws IllegalArgumentException for a logit that is NaN
     */
    public static Predictions fromLogits(float[] logits_NC, float[] labels) {
        int classes = labels.length == 0 ? 1 : logits_NC.length / labels.length;
        if (classes < 1 || classes * labels.length != logits_NC.length) {
            throw new IllegalArgumentException(
                    logits_NC.length + " logits for " + labels.length + " labels, wanted the same number for each");
        }
        return new Predictions(classes == 1 ? logits_NC.clone() : argmax(logits_NC, classes), labels.clone());
    }

    /**
     * Index of the greatest logit of each row, the first of equals.
     *
     * @param logits_NC logits, row after row [N·C]
     * @param classes C
     */
    public static float[] argmax(float[] logits_NC, int classes) {
        float[] best = new float[logits_NC.length / classes];
        for (int row = 0; row < best.length; row++) {
            int at = row * classes;
            for (int k = at; k < (row + 1) * classes; k++) {
                if (Float.isNaN(logits_NC[k])) {
                    throw new IllegalArgumentException("logit " + (k - row * classes) + " of example " + row
                            + " is NaN, wanted a number: the training may have diverged");
                }
                at = logits_NC[k] > logits_NC[at] ? k : at;
            }
            best[row] = at - row * classes;
        }
        return best;
    }

    /** These followed by others, as batches come in. */
    public Predictions then(Predictions next) {
        return new Predictions(concat(values, next.values), concat(labels, next.labels));
    }

    /** The score by a metric. */
    public MetricValue score(MetricKind metric) {
        return metric.compute(values, labels);
    }

    private static float[] concat(float[] a, float[] b) {
        float[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }
}
