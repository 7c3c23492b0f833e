package dev.ternion.training.metrics;

import java.util.Arrays;

/** Pearson's correlation and ranks. */
final class Correlation {
    private Correlation() {}

    static double[] doubles(float[] values) {
        double[] doubles = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            doubles[i] = values[i];
        }
        return doubles;
    }

    /** Σ(x−x̄)(y−ȳ) / √(Σ(x−x̄)² · Σ(y−ȳ)²), within −1..1; degenerate where all x or all y are equal. */
    static MetricValue pearson(double[] x, double[] y) {
        if (allEqual(x) || allEqual(y)) {
            return MetricValue.undefined();
        }
        double meanX = Arrays.stream(x).sum() / x.length;
        double meanY = Arrays.stream(y).sum() / y.length;
        double xy = 0;
        double xx = 0;
        double yy = 0;
        for (int i = 0; i < x.length; i++) {
            double dx = x[i] - meanX;
            double dy = y[i] - meanY;
            xy += dx * dy;
            xx += dx * dx;
            yy += dy * dy;
        }
        double r = xy / (Math.sqrt(xx) * Math.sqrt(yy));
        return MetricValue.of(Math.max(-1, Math.min(1, r)));
    }

    /** Rank of each value from 1; equal values (0 and −0 too) share the mean of the ranks they take up. */
    static double[] ranks(float[] values) {
        int size = values.length;
        long[] keys = new long[size];
        for (int i = 0; i < size; i++) {
            keys[i] = ((long) sortable(values[i]) << 32) | i;
        }
        Arrays.sort(keys);
        double[] ranks = new double[size];
        for (int from = 0; from < size; ) {
            int to = from + 1;
            while (to < size && (keys[to] >> 32) == (keys[from] >> 32)) {
                to++;
            }
            for (int k = from; k < to; k++) {
                ranks[(int) keys[k]] = (from + 1 + to) / 2.0;
            }
            from = to;
        }
        return ranks;
    }

    /** An int that sorts as the float does. */
    private static int sortable(float value) {
        int bits = Float.floatToIntBits(value + 0.0f);
        return bits >= 0 ? bits : bits ^ 0x7fffffff;
    }

    private static boolean allEqual(double[] values) {
        for (double value : values) {
            if (value != values[0]) {
                return false;
            }
        }
        return true;
    }
}
