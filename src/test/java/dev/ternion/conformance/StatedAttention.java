package dev.ternion.conformance;

import static dev.ternion.conformance.QuantCases.CLIP;

import dev.ternion.quant.QuantOracle;
import dev.ternion.tensor.Shape;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.ops.Attention.Rounding;
import dev.ternion.tensor.ops.Dropout;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** The results and gradients of attention over quantized probabilities, in double from the formulas alone. */
final class StatedAttention {
    private StatedAttention() {}

    static void addTo(Map<String, Stated> all) {
        all.put("Attention of codes", (f, dy) -> codes(f, dy, AttentionCases.WIDE));
        all.put("Attention of codes, 3 bits", (f, dy) -> codes(f, dy, AttentionCases.NARROW));
        all.put("Attention of a teacher's map", StatedAttention::teacherMap);
        all.put("ScoreLoss of codes", (f, dy) -> loss(f));
    }

    private static double[] hat(double[] x) {
        return QuantOracle.symmetric(x, x.length, CLIP, 8).values();
    }

    private static double factor(Fixture f) {
        return 1 / Math.sqrt(f.size.headDim());
    }

    /** 1 / (1 - p) where an element of the map is kept, else 0. */
    private static double[] dropout(Fixture f, double probability) {
        double[] ones = new double[Slow.mapElements(f.size)];
        Arrays.fill(ones, 1);
        try (Tape tape = Tape.off(f.device)) {
            Shape shape = Shape.of(ones.length);
            return f.device.readDoubles(Dropout.of(tape, f.constant(shape, ones), f.mask(probability))
                    .value());
        }
    }

    /** Rows of maps as sums by row, spread over the row: to[map] = sum over the valid keys of the row of x. */
    private static double[] rowSums(Size size, double[] x) {
        Map<String, Double> sums = new HashMap<>();
        Slow.pairs(size, (map, query, key, head) -> sums.merge(query + " " + head, x[map], Double::sum));
        double[] to = new double[x.length];
        Slow.pairs(size, (map, query, key, head) -> to[map] = sums.get(query + " " + head));
        return to;
    }

    private static double[] softmax(Size size, double[] scores) {
        Map<String, Double> tops = new HashMap<>();
        Slow.pairs(size, (map, query, key, head) -> tops.merge(query + " " + head, scores[map], Math::max));
        double[] exps = new double[scores.length];
        Slow.pairs(size, (map, query, key, head) -> exps[map] = Math.exp(scores[map] - tops.get(query + " " + head)));
        double[] sums = rowSums(size, exps);
        Slow.pairs(size, (map, query, key, head) -> exps[map] /= sums[map]);
        return exps;
    }

    private static double[] times(double[] a, double[] b) {
        double[] c = a.clone();
        for (int i = 0; i < c.length; i++) {
            c[i] *= b[i];
        }
        return c;
    }

    private static Map<String, double[]> codes(Fixture f, double[] dy, Rounding rounding) {
        double[] q = hat(f.values("q")), k = hat(f.values("k")), v = hat(f.values("v"));
        double[] probs = softmax(f.size, Slow.dots(f.size, q, k, factor(f))), drop = dropout(f, AttentionCases.DROPOUT);
        double[] dropped = times(probs, drop);
        double[] codes = QuantOracle.symmetric(dropped, dropped.length, rounding.clip(), rounding.bits())
                .values();
        double[] dprobs = QuantOracle.straightThrough(dropped, Slow.dots(f.size, dy, v, 1), rounding.clip());
        double[] g = times(dprobs, drop), sums = rowSums(f.size, times(g, probs)), ds = new double[g.length];
        Slow.pairs(f.size, (map, query, key, head) -> ds[map] = probs[map] * (g[map] - sums[map]));
        double[] dq = Slow.toQueries(f.size, ds, k, factor(f)), dk = Slow.toKeys(f.size, ds, q, factor(f));
        return Map.of(
                "y", Slow.toQueries(f.size, codes, v, 1),
                "q", QuantOracle.straightThrough(f.values("q"), dq, CLIP),
                "k", QuantOracle.straightThrough(f.values("k"), dk, CLIP),
                "v", QuantOracle.straightThrough(f.values("v"), Slow.toKeys(f.size, codes, dy, 1), CLIP));
    }

    private static Map<String, double[]> teacherMap(Fixture f, double[] dy) {
        double[] scores = Slow.dots(f.size, f.values("teacher q"), f.values("teacher k"), factor(f));
        double[] dropped = times(softmax(f.size, scores), dropout(f, AttentionCases.DROPOUT));
        double[] codes = QuantOracle.symmetric(dropped, dropped.length, CLIP, 8).values();
        double[] v = f.values("v");
        return Map.of(
                "y", Slow.toQueries(f.size, codes, hat(v), 1),
                "v", QuantOracle.straightThrough(v, Slow.toKeys(f.size, codes, dy, 1), CLIP));
    }

    private static double shown(double score) {
        return score <= -100 ? 0 : score;
    }

    private static Map<String, double[]> loss(Fixture f) {
        double[] q = hat(f.values("q")), k = hat(f.values("k"));
        double[] s = Slow.dots(f.size, q, k, factor(f));
        double[] t = Slow.dots(f.size, f.values("teacher q"), f.values("teacher k"), factor(f));
        double[] ds = new double[s.length], sum = new double[1];
        Slow.pairs(f.size, (map, query, key, head) -> {
            double difference = shown(s[map]) - shown(t[map]);
            sum[0] += difference * difference / 12.5;
            ds[map] = s[map] > -100 ? Fixture.LOSS_WEIGHT * 2 * difference / 12.5 : 0;
        });
        double[] dq = Slow.toQueries(f.size, ds, k, factor(f)), dk = Slow.toKeys(f.size, ds, q, factor(f));
        return Map.of(
                "y", sum,
                "q", QuantOracle.straightThrough(f.values("q"), dq, CLIP),
                "k", QuantOracle.straightThrough(f.values("k"), dk, CLIP));
    }
}
