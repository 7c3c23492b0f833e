package dev.ternion.quant;

/** Quantizers of [TI] 1.3 and 1.5 as slow loops in double, written from the formulas alone. */
public final class QuantOracle {
    private QuantOracle() {}

    /** The values that the codes stand for. */
    public record Quantized(byte[] codes, double[] scales, double[] values) {}

    public static Quantized symmetric(double[] x, int group, double clip, int bits) {
        int levels = (1 << (bits - 1)) - 1;
        Quantized q = new Quantized(new byte[x.length], new double[x.length / group], new double[x.length]);
        for (int g = 0; g < q.scales.length; g++) {
            double max = 0;
            for (int i = g * group; i < (g + 1) * group; i++) {
                max = Math.max(max, Math.min(Math.abs(x[i]), clip));
            }
            q.scales[g] = max / levels;
            for (int i = g * group; i < (g + 1) * group; i++) {
                double y = Math.max(-clip, Math.min(clip, x[i]));
                q.codes[i] = (byte) (max == 0 ? 0 : Math.rint(y * (levels / max)));
                q.values[i] = q.codes[i] * q.scales[g];
            }
        }
        return q;
    }

    public static Quantized ternary(double[] w, int group, double clip) {
        Quantized q = new Quantized(new byte[w.length], new double[w.length / group], new double[w.length]);
        for (int g = 0; g < q.scales.length; g++) {
            double threshold = 0.7 * meanAbsolute(w, g * group, (g + 1) * group, clip, -1);
            q.scales[g] = meanAbsolute(w, g * group, (g + 1) * group, clip, threshold);
            for (int i = g * group; i < (g + 1) * group; i++) {
                q.codes[i] = (byte) (Math.min(Math.abs(w[i]), clip) > threshold ? Math.signum(w[i]) : 0);
                q.values[i] = q.codes[i] * q.scales[g];
            }
        }
        return q;
    }

    public static Quantized binary(double[] w, int group, double clip) {
        Quantized q = new Quantized(new byte[w.length], new double[w.length / group], new double[w.length]);
        for (int g = 0; g < q.scales.length; g++) {
            q.scales[g] = meanAbsolute(w, g * group, (g + 1) * group, clip, -1);
            for (int i = g * group; i < (g + 1) * group; i++) {
                q.codes[i] = (byte) (w[i] >= 0 ? 1 : -1);
                q.values[i] = q.codes[i] * q.scales[g];
            }
        }
        return q;
    }

    /** dy where x lies strictly inside ±clip, else 0. */
    public static double[] straightThrough(double[] x, double[] dy, double clip) {
        double[] dx = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            dx[i] = -clip < x[i] && x[i] < clip ? dy[i] : 0;
        }
        return dx;
    }

    /** Mean of |clamp(w)| over those above the threshold; 0 when there are none. */
    private static double meanAbsolute(double[] w, int begin, int end, double clip, double threshold) {
        double sum = 0;
        int count = 0;
        for (int i = begin; i < end; i++) {
            double a = Math.min(Math.abs(w[i]), clip);
            if (a > threshold) {
                sum += a;
                count++;
            }
        }
        return count == 0 ? 0 : sum / count;
    }
}
