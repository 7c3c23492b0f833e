package dev.ternion.training.metrics;

/**
 * The metrics of GLUE.
 *
 * <p>Classification metrics take class indices (0, 1, …) as predictions and labels; correlations take real numbers.
 * Where a formula is 0/0 the value is 0 and flagged ({@link MetricValue#degenerate}).
 */
public enum MetricKind {
    /** Share of predictions that equal the label. */
    ACCURACY {
        @Override
        MetricValue of(float[] predictions, float[] labels) {
            return Confusion.of(predictions, labels).accuracy();
        }
    },
    /**
     * F1 of class 1 of two classes: 2·TP / (2·TP + FP + FN); degenerate where class 1 is neither predicted nor true.
     */
    F1 {
        @Override
        MetricValue of(float[] predictions, float[] labels) {
            return Confusion.of(predictions, labels).f1();
        }
    },
    /**
     * Matthews correlation [MCC], for more than two classes R_K [GORODKIN]; degenerate where one class alone is
     * predicted or true.
     */
    MATTHEWS {
        @Override
        MetricValue of(float[] predictions, float[] labels) {
            return Confusion.of(predictions, labels).matthews();
        }
    },
    /** Pearson correlation; degenerate where predictions or labels are all equal. */
    PEARSON {
        @Override
        MetricValue of(float[] predictions, float[] labels) {
            return Correlation.pearson(Correlation.doubles(predictions), Correlation.doubles(labels));
        }
    },
    /** Spearman correlation: Pearson's of the ranks, ties taking the mean of their ranks; degenerate as Pearson. */
    SPEARMAN {
        @Override
        MetricValue of(float[] predictions, float[] labels) {
            return Correlation.pearson(Correlation.ranks(predictions), Correlation.ranks(labels));
        }
    },
    /** (accuracy + F1) / 2, what is reported for MRPC and QQP. */
    ACCURACY_F1_MEAN {
        @Override
        MetricValue of(float[] predictions, float[] labels) {
            return MetricValue.mean(ACCURACY.of(predictions, labels), F1.of(predictions, labels));
        }
    },
    /** (Pearson + Spearman) / 2, what is reported for STS-B. */
    PEARSON_SPEARMAN_MEAN {
        @Override
        MetricValue of(float[] predictions, float[] labels) {
            return MetricValue.mean(PEARSON.of(predictions, labels), SPEARMAN.of(predictions, labels));
        }
    };

    /**
     * Scores predictions.
     *
     * @param predictions class indices, or real numbers for correlations [N]
     * @param labels what they should be [N]; N is 1 or more
     * @throws IllegalArgumentException for no examples, different lengths, values that are not finite, or classes that
     *     are not small whole numbers
     */
    public MetricValue compute(float[] predictions, float[] labels) {
        if (predictions.length != labels.length || labels.length == 0) {
            throw new IllegalArgumentException(this + " got " + predictions.length + " predictions and " + labels.length
                    + " labels, wanted the same number, one or more");
        }
        requireFinite("prediction", predictions);
        requireFinite("label", labels);
        return of(predictions, labels);
    }

    abstract MetricValue of(float[] predictions, float[] labels);

    private static void requireFinite(String what, float[] values) {
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw new IllegalArgumentException(what + " of example " + i + " is " + values[i]
                        + ", wanted a finite number: the training may have diverged");
            }
        }
    }
}
