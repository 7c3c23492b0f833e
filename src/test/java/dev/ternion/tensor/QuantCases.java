package dev.ternion.tensor;

import static dev.ternion.tensor.OpCase.Kind.STRAIGHT_THROUGH;

import dev.ternion.quant.QuantOracle;
import dev.ternion.quant.QuantOracle.Quantized;
import dev.ternion.tensor.OpCase.Builder;
import dev.ternion.tensor.OpCase.Products;
import dev.ternion.tensor.OpCase.Stated;
import dev.ternion.tensor.ops.AttentionContext;
import dev.ternion.tensor.ops.AttentionScores;
import dev.ternion.tensor.ops.Quantize;
import dev.ternion.tensor.ops.QuantizedLinear;
import dev.ternion.tensor.ops.QuantizedWeight;
import dev.ternion.tensor.ops.TernaryRows;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The catalogue's quantized operations, each with its stated result and gradients. */
final class QuantCases {
    static final double CLIP = 2.5;
    static final List<OpCase> ALL = all();

    private QuantCases() {}

    private enum Scales {
        TENSOR,
        ROW,
        GROUP;

        long group(Size size) {
            return switch (this) {
                case TENSOR -> (long) size.out() * size.cols8();
                case ROW -> size.cols8();
                case GROUP -> 4;
            };
        }
    }

    private static List<OpCase> all() {
        List<OpCase> cases = new ArrayList<>();
        add(
                cases,
                "Quantize tensor",
                Quantize.class,
                Products.NONE,
                f -> quantize(f, false, 8),
                (f, dy) -> quantized(f, dy, false, 8));
        add(
                cases,
                "Quantize row",
                Quantize.class,
                Products.NONE,
                f -> quantize(f, true, 8),
                (f, dy) -> quantized(f, dy, true, 8));
        add(
                cases,
                "Quantize 4 bits",
                Quantize.class,
                Products.NONE,
                f -> quantize(f, false, 4),
                (f, dy) -> quantized(f, dy, false, 4));
        for (boolean binary : new boolean[] {false, true}) {
            String rule = binary ? "binary" : "ternary";
            add(
                    cases,
                    "TernaryRows " + rule,
                    TernaryRows.class,
                    Products.NONE,
                    f -> rows(f, binary),
                    (f, dy) -> rowsStated(f, dy, binary));
            for (Scales scales : Scales.values()) {
                for (boolean perRow : new boolean[] {false, true}) {
                    String name = "QuantizedLinear " + rule + " scale per " + scales + " step per "
                            + (perRow ? "ROW" : "TENSOR");
                    add(
                            cases,
                            name,
                            QuantizedLinear.class,
                            Products.BACKWARD,
                            f -> linear(f, binary, scales, perRow),
                            (f, dy) -> linearStated(f, dy, binary, scales, perRow));
                }
            }
            String odd = "QuantizedLinear " + rule + " of odd inputs";
            add(
                    cases,
                    odd,
                    QuantizedLinear.class,
                    Products.BACKWARD,
                    f -> oddLinear(f, binary),
                    (f, dy) -> oddStated(f, dy, binary));
        }
        add(
                cases,
                "AttentionScores of codes",
                AttentionScores.class,
                Products.BACKWARD,
                QuantCases::scores,
                QuantCases::scoresStated);
        add(
                cases,
                "AttentionContext of codes",
                AttentionContext.class,
                Products.BACKWARD,
                QuantCases::context,
                QuantCases::contextStated);
        return cases;
    }

    private static void add(
            List<OpCase> cases,
            String name,
            Class<? extends Op> op,
            Products products,
            Builder builder,
            Stated stated) {
        cases.add(new OpCase(name, op, STRAIGHT_THROUGH, products, 2e-6, builder, stated));
    }

    private static Parameter clipped(Fixture f, String name, long rows, long cols) {
        return f.leaf(name, Shape.of(rows, cols), f.draws.clipped(rows * cols, CLIP));
    }

    private static int cols(Fixture f, boolean perRow) {
        return perRow ? f.size.cols8() : f.size.cols();
    }

    private static OpCase.Body quantize(Fixture f, boolean perRow, int bits) {
        Parameter x = clipped(f, "x", f.size.rows(), cols(f, perRow));
        return tape -> Quantize.of(tape, x, perRow, CLIP, bits);
    }

    private static Map<String, double[]> quantized(Fixture f, double[] dy, boolean perRow, int bits) {
        double[] x = f.values("x");
        int group = perRow ? cols(f, true) : x.length;
        return Map.of(
                "y", QuantOracle.symmetric(x, group, CLIP, bits).values(),
                "x", QuantOracle.straightThrough(x, dy, CLIP));
    }

    private static OpCase.Body rows(Fixture f, boolean binary) {
        Parameter x = clipped(f, "x", f.size.rows(), f.size.cols());
        return tape -> TernaryRows.of(tape, x, binary, CLIP);
    }

    private static Map<String, double[]> rowsStated(Fixture f, double[] dy, boolean binary) {
        double[] x = f.values("x");
        return Map.of("y", weights(x, f.size.cols(), binary).values(), "x", QuantOracle.straightThrough(x, dy, CLIP));
    }

    private static Quantized weights(double[] w, int group, boolean binary) {
        return binary ? QuantOracle.binary(w, group, CLIP) : QuantOracle.ternary(w, group, CLIP);
    }

    private static OpCase.Body linear(Fixture f, boolean binary, Scales scales, boolean perRow) {
        return linear(f, binary, f.size.cols8(), scales.group(f.size), perRow);
    }

    private static OpCase.Body oddLinear(Fixture f, boolean binary) {
        return linear(f, binary, f.size.cols(), (long) f.size.out() * f.size.cols(), false);
    }

    private static OpCase.Body linear(Fixture f, boolean binary, int in, long group, boolean perRow) {
        Parameter x = clipped(f, "x", f.size.rows(), in), w = clipped(f, "w", f.size.out(), in);
        Parameter b = f.leaf("b", Shape.of(f.size.out()), f.draws.normals(f.size.out(), 1));
        QuantizedWeight weight = f.own(new QuantizedWeight(f.device, w, binary, group, CLIP));
        return tape -> QuantizedLinear.of(tape, Quantize.of(tape, x, perRow, CLIP, 8), weight, b);
    }

    private static Map<String, double[]> linearStated(
            Fixture f, double[] dy, boolean binary, Scales scales, boolean perRow) {
        return linearStated(f, dy, binary, f.size.cols8(), scales.group(f.size), perRow);
    }

    private static Map<String, double[]> oddStated(Fixture f, double[] dy, boolean binary) {
        return linearStated(f, dy, binary, f.size.cols(), (long) f.size.out() * f.size.cols(), false);
    }

    private static Map<String, double[]> linearStated(
            Fixture f, double[] dy, boolean binary, int in, long group, boolean perRow) {
        int rows = f.size.rows(), out = f.size.out();
        double[] x = f.values("x"), w = f.values("w"), b = f.values("b");
        double[] xHat =
                QuantOracle.symmetric(x, perRow ? in : x.length, CLIP, 8).values();
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

    private static OpCase.Body scores(Fixture f) {
        Parameter q = clipped(f, "q", f.size.rows(), f.size.width());
        Parameter k = clipped(f, "k", f.size.rows(), f.size.width());
        SequenceLayout layout = f.layout();
        return tape -> AttentionScores.of(tape, codes(tape, q), codes(tape, k), layout);
    }

    private static Codes codes(Tape tape, Tensor x) {
        return Quantize.of(tape, x, false, CLIP, 8);
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

    private static OpCase.Body context(Fixture f) {
        SequenceLayout layout = f.layout();
        Shape shape = layout.mapShape();
        Parameter probs = f.leaf("probs", shape, f.draws.uniforms(shape.elements(), 0, 1.1));
        Parameter v = clipped(f, "v", f.size.rows(), f.size.width());
        return tape -> AttentionContext.of(tape, codes(tape, probs), codes(tape, v), layout);
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
