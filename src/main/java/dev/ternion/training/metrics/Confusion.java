package dev.ternion.training.metrics;

/** Counts of (predicted class, true class) and the scores that follow from them. */
final class Confusion {
    private static final int MAX_CLASSES = 10_000;
    private final long[] predicted;
    private final long[] actual;
    private final long[] correct;
    private final long size;

    private Confusion(int classes, long size) {
        this.predicted = new long[classes];
        this.actual = new long[classes];
        this.correct = new long[classes];
        this.size = size;
    }

    static Confusion of(float[] predictions, float[] labels) {
        int classes = 2;
        for (int i = 0; i < labels.length; i++) {
            classes = Math.max(
                    classes, 1 + Math.max(index("prediction", i, predictions[i]), index("label", i, labels[i])));
        }
        Confusion counts = new Confusion(classes, labels.length);
        for (int i = 0; i < labels.length; i++) {
            int p = (int) predictions[i];
            int y = (int) labels[i];
            counts.predicted[p]++;
            counts.actual[y]++;
            counts.correct[y] += p == y ? 1 : 0;
        }
        return counts;
    }

    private static int index(String what, int example, float value) {
        if (value != (int) value || value < 0 || value >= MAX_CLASSES) {
            throw new IllegalArgumentException(what + " of example " + example + " is " + value
                    + ", wanted a class index 0, 1, …; take the argmax of logits first");
        }
        return (int) value;
    }

    MetricValue accuracy() {
        return MetricValue.of((double) sum(correct) / size);
    }

    MetricValue f1() {
        if (predicted.length > 2) {
            throw new IllegalArgumentException(
                    "F1 got " + predicted.length + " classes, wanted two; use ACCURACY or MATTHEWS");
        }
        long either = predicted[1] + actual[1];
        return either == 0 ? MetricValue.undefined() : MetricValue.of(2.0 * correct[1] / either);
    }

    /**
     * R_K = (c·n − Σ pₖ·tₖ) / √((n² − Σ pₖ²)(n² − Σ tₖ²)), c correct, pₖ predicted and tₖ true counts; exact up to the
     * root.
     */
    MetricValue matthews() {
        long cross = 0;
        long squarePredicted = size * size;
        long squareActual = size * size;
        for (int k = 0; k < predicted.length; k++) {
            cross += predicted[k] * actual[k];
            squarePredicted -= predicted[k] * predicted[k];
            squareActual -= actual[k] * actual[k];
        }
        if (squarePredicted == 0 || squareActual == 0) {
            return MetricValue.undefined();
        }
        long covariance = sum(correct) * size - cross;
        double matthews = covariance / (Math.sqrt(squarePredicted) * Math.sqrt(squareActual));
        return MetricValue.of(Math.max(-1, Math.min(1, matthews))); // rounding may pass the bound
    }

    private static long sum(long[] values) {
        long sum = 0;
        for (long value : values) {
            sum += value;
        }
        return sum;
    }
}
