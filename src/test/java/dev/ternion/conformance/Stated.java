package dev.ternion.conformance;

import static dev.ternion.conformance.QuantCases.CLIP;

import dev.ternion.conformance.QuantCases.Scales;
import dev.ternion.quant.QuantOracle;
import dev.ternion.quant.QuantOracle.Quantized;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** The results and gradients of the quantized operations, computed in double from the formulas alone. */
interface Stated {
    /** By name of the case. */
    Map<String, Stated> BY_CASE = Formulas.all();

    /** "y" for the result, else gradients by leaf, from the gradient of y. */
    Map<String, double[]> of(Fixture fixture, double[] dy);

    /** Slow loops. */
    final class Formulas {
        private Formulas() {}

        private static Map<String, Stated> all() {
            Map<String, Stated> all = new HashMap<>();
            all.put("Quantize tensor", (f, dy) -> quantized(f, dy, false, 8));
            all.put("Quantize row", (f, dy) -> quantized(f, dy, true, 8));
            all.put("Quantize 4 bits", (f, dy) -> quantized(f, dy, false, 4));
            all.put("Binarize tensor", (f, dy) -> rowsStated(f, dy, true, f.values("x").length));
            all.put("Binarize row", (f, dy) -> rowsStated(f, dy, true, f.size.cols()));
            for (boolean binary : new boolean[] {false, true}) {
                all.put("TernaryRows " + QuantCases.rule(binary), (f, dy) -> rowsStated(f, dy, binary, f.size.cols()));
                for (Scales scales : Scales.values()) {
                    for (boolean perRow : new boolean[] {false, true}) {
                        String name = QuantCases.linearName(binary, scales, perRow);
                        putLinear(all, name, (f, dy) -> linearStated(f, dy, binary, scales, perRow, 8));
                        putLinear(
                                all,
                                QuantCases.oneBit(name),
                                (f, dy) -> linearStated(f, dy, binary, scales, perRow, 1));
                    }
                }
                String odd = QuantCases.oddName(binary);
                putLinear(all, odd, (f, dy) -> oddStated(f, dy, binary, 8));
                putLinear(all, QuantCases.oneBit(odd), (f, dy) -> oddStated(f, dy, binary, 1));
                for (Scales scales : Scales.values()) {
                    for (int bits : new int[] {8, 1}) {
                        all.put(
                                QuantCases.geluName(binary, scales, bits),
                                (f, dy) -> geluStated(f, dy, binary, scales, bits));
                    }
                }
            }
            all.put("AttentionScores of codes", Formulas::scoresStated);
            all.put("AttentionContext of codes", Formulas::contextStated);
            StatedAttention.addTo(all);
            return all;
        }

        /** In double the gradients are not rounded. */
        private static void putLinear(Map<String, Stated> all, String name, Stated stated) {
            all.put(name, stated);
            all.put(name + QuantCases.IN_BF16, stated);
        }

        private static int cols(Fixture f, boolean perRow) {
            return perRow ? f.size.cols8() : f.size.cols();
        }

        private static Map<String, double[]> quantized(Fixture f, double[] dy, boolean perRow, int bits) {
            double[] x = f.values("x");
            int group = perRow ? cols(f, true) : x.length;
            return Map.of(
                    "y", QuantOracle.symmetric(x, group, CLIP, bits).values(),
                    "x", QuantOracle.straightThrough(x, dy, CLIP));
        }

        private static Map<String, double[]> rowsStated(Fixture f, double[] dy, boolean binary, int group) {
            double[] x = f.values("x");
            return Map.of("y", weights(x, group, binary).values(), "x", QuantOracle.straightThrough(x, dy, CLIP));
        }

        private static Quantized weights(double[] w, int group, boolean binary) {
            return binary ? QuantOracle.binary(w, group, CLIP) : QuantOracle.ternary(w, group, CLIP);
        }

        private static Map<String, double[]> linearStated(
                Fixture f, double[] dy, boolean binary, Scales scales, boolean perRow, int bits) {
            return linearStated(f, dy, binary, f.size.cols8(), scales.group(f.size), perRow, bits);
        }

        private static Map<String, double[]> oddStated(Fixture f, double[] dy, boolean binary, int bits) {
            return linearStated(f, dy, binary, f.size.cols(), (long) f.size.out() * f.size.cols(), false, bits);
        }

        private static Map<String, double[]> linearStated(
                Fixture f, double[] dy, boolean binary, int in, long group, boolean perRow, int bits) {
            int rows = f.size.rows(), out = f.size.out();
            double[] x = f.values("x"), w = f.values("w"), b = f.values("b");
            int shared = perRow ? in : x.length;
            double[] xHat = (bits == 1
                            ? QuantOracle.binary(x, shared, CLIP)
                            : QuantOracle.symmetric(x, shared, CLIP, bits))
                    .values();
            double[] wHat = weights(w, (int) group, binary).values();
            double[] y = Slow.product(xHat, false, wHat, true, rows, out, in);
            for (int i = 0; i < y.length; i++) {
                y[i] += b[i % out];
            }
            double[] dx = Slow.product(dy, false, wHat, false, rows, in, out);
            double[] dw = Slow.product(dy, true, xHat, false, out, in, rows);
            Map<String, double[]> stated = new LinkedHashMap<>();
            stated.put("y", y);
            stated.put("x", QuantOracle.straightThrough(x, dx, CLIP));
            stated.put("w", QuantOracle.straightThrough(w, dw, CLIP));
            stated.put("b", Slow.columnSums(dy, rows, out));
            return stated;
        }

        /** The gradient of y comes through GELU, y itself does not depend on it. */
        private static Map<String, double[]> geluStated(
                Fixture f, double[] dy, boolean binary, Scales scales, int bits) {
            double[] y = linearStated(f, dy, binary, scales, false, bits).get("y");
            double[] through = new double[y.length], activated = new double[y.length];
            for (int i = 0; i < y.length; i++) {
                activated[i] = y[i] * Slow.normal(y[i]);
                through[i] = dy[i] * (Slow.normal(y[i]) + y[i] * Slow.density(y[i]));
            }
            Map<String, double[]> stated = linearStated(f, through, binary, scales, false, bits);
            stated.put("y", activated);
            return stated;
        }

        private static double[] hat(Fixture f, String name) {
            double[] x = f.values(name);
            return QuantOracle.symmetric(x, x.length, CLIP, 8).values();
        }

        private static Map<String, double[]> scoresStated(Fixture f, double[] dy) {
            double factor = 1 / Math.sqrt(f.size.headDim());
            double[] q = hat(f, "q"), k = hat(f, "k");
            double[] dq = Slow.toQueries(f.size, dy, k, factor), dk = Slow.toKeys(f.size, dy, q, factor);
            return Map.of(
                    "y", Slow.dots(f.size, q, k, factor),
                    "q", QuantOracle.straightThrough(f.values("q"), dq, CLIP),
                    "k", QuantOracle.straightThrough(f.values("k"), dk, CLIP));
        }

        private static Map<String, double[]> contextStated(Fixture f, double[] dy) {
            double[] probs = hat(f, "probs"), v = hat(f, "v");
            double[] dv = Slow.toKeys(f.size, probs, dy, 1);
            return Map.of(
                    "y", Slow.toQueries(f.size, probs, v, 1),
                    "probs", Slow.dots(f.size, dy, v, 1),
                    "v", QuantOracle.straightThrough(f.values("v"), dv, CLIP));
        }
    }
}
