package dev.ternion.conformance;

import static dev.ternion.conformance.OpCase.Kind.STRAIGHT_THROUGH;

import dev.ternion.conformance.OpCase.Builder;
import dev.ternion.conformance.OpCase.Products;
import dev.ternion.tensor.Codes;
import dev.ternion.tensor.Op;
import dev.ternion.tensor.Parameter;
import dev.ternion.tensor.SequenceLayout;
import dev.ternion.tensor.Shape;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.ops.AttentionContext;
import dev.ternion.tensor.ops.AttentionScores;
import dev.ternion.tensor.ops.Binarize;
import dev.ternion.tensor.ops.Quantize;
import dev.ternion.tensor.ops.QuantizedLinear;
import dev.ternion.tensor.ops.QuantizedWeight;
import dev.ternion.tensor.ops.TernaryRows;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/** The catalogue's quantized operations, whose gradients are stated formulas. */
final class QuantCases {
    static final double CLIP = 2.5;
    static final String IN_BF16 = ", gradients in bf16";
    static final List<OpCase> ALL = all();
    /** A third of the inputs of {@link Size#BIG}. */
    private static final long LONG_GROUP = 88;

    private QuantCases() {}

    enum Scales {
        TENSOR,
        ROW,
        GROUP;

        /** A group is one word, or a third of BIG's row: longer than a tile of CUDA's product, and no multiple of it. */
        long group(Size size) {
            return switch (this) {
                case TENSOR -> (long) size.out() * size.cols8();
                case ROW -> size.cols8();
                case GROUP -> size.cols8() == 3 * LONG_GROUP ? LONG_GROUP : 4;
            };
        }
    }

    private static List<OpCase> all() {
        List<OpCase> cases = new ArrayList<>();
        add(cases, "Quantize tensor", Quantize.class, Products.NONE, f -> quantize(f, false, 8));
        add(cases, "Quantize row", Quantize.class, Products.NONE, f -> quantize(f, true, 8));
        add(cases, "Quantize 4 bits", Quantize.class, Products.NONE, f -> quantize(f, false, 4));
        add(cases, "Binarize tensor", Binarize.class, Products.NONE, f -> binarize(f, false));
        add(cases, "Binarize row", Binarize.class, Products.NONE, f -> binarize(f, true));
        for (boolean binary : new boolean[] {false, true}) {
            String rule = rule(binary);
            add(cases, "TernaryRows " + rule, TernaryRows.class, Products.NONE, f -> rows(f, binary));
            for (Scales scales : Scales.values()) {
                for (boolean perRow : new boolean[] {false, true}) {
                    String name = linearName(binary, scales, perRow);
                    addLinear(cases, name, (f, bf16) -> linear(f, binary, scales, perRow, 8, bf16));
                }
            }
            addLinear(cases, oddName(binary), (f, bf16) -> oddLinear(f, binary, 8, bf16));
            for (Scales scales : Scales.values()) {
                for (boolean perRow : new boolean[] {false, true}) {
                    String name = oneBit(linearName(binary, scales, perRow));
                    addLinear(cases, name, (f, bf16) -> linear(f, binary, scales, perRow, 1, bf16));
                }
            }
            addLinear(cases, oneBit(oddName(binary)), (f, bf16) -> oddLinear(f, binary, 1, bf16));
            for (Scales scales : Scales.values()) {
                for (int bits : new int[] {8, 1}) {
                    add(
                            cases,
                            geluName(binary, scales, bits),
                            QuantizedLinear.class,
                            Products.BACKWARD,
                            f -> gelu(f, binary, scales, bits));
                }
            }
        }
        add(cases, "AttentionScores of codes", AttentionScores.class, Products.BACKWARD, QuantCases::scores);
        add(cases, "AttentionContext of codes", AttentionContext.class, Products.BACKWARD, QuantCases::context);
        cases.addAll(AttentionCases.CODES);
        return List.copyOf(cases);
    }

    /** A case with gradients in f32 and the same with gradients in bf16. Ref: [performance.md 10] */
    private static void addLinear(List<OpCase> cases, String name, BiFunction<Fixture, Boolean, OpCase.Body> body) {
        add(cases, name, QuantizedLinear.class, Products.BACKWARD, f -> body.apply(f, false));
        cases.add(new OpCase(
                name + IN_BF16,
                QuantizedLinear.class,
                STRAIGHT_THROUGH,
                Products.BACKWARD,
                5e-3,
                f -> body.apply(f, true)));
    }

    static String rule(boolean binary) {
        return binary ? "binary" : "ternary";
    }

    static String linearName(boolean binary, Scales scales, boolean perRow) {
        return "QuantizedLinear " + rule(binary) + " scale per " + scales + " step per " + (perRow ? "ROW" : "TENSOR");
    }

    static String oddName(boolean binary) {
        return "QuantizedLinear " + rule(binary) + " of odd inputs";
    }

    static String oneBit(String linear) {
        return linear + ", one-bit inputs";
    }

    static String geluName(boolean binary, Scales scales, int bits) {
        String linear = linearName(binary, scales, false);
        return (bits == 1 ? oneBit(linear) : linear) + ", with GELU";
    }

    private static void add(
            List<OpCase> cases, String name, Class<? extends Op> op, Products products, Builder builder) {
        cases.add(new OpCase(name, op, STRAIGHT_THROUGH, products, 2e-6, builder));
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

    private static OpCase.Body binarize(Fixture f, boolean perRow) {
        Parameter x = clipped(f, "x", f.size.rows(), f.size.cols());
        return tape -> Binarize.of(tape, x, perRow, CLIP, false);
    }

    private static OpCase.Body rows(Fixture f, boolean binary) {
        Parameter x = clipped(f, "x", f.size.rows(), f.size.cols());
        return tape -> TernaryRows.of(tape, x, binary, CLIP);
    }

    private static OpCase.Body linear(
            Fixture f, boolean binary, Scales scales, boolean perRow, int bits, boolean bf16) {
        return linear(f, binary, f.size.cols8(), scales.group(f.size), perRow, bits, bf16);
    }

    private static OpCase.Body oddLinear(Fixture f, boolean binary, int bits, boolean bf16) {
        return linear(f, binary, f.size.cols(), (long) f.size.out() * f.size.cols(), false, bits, bf16);
    }

    private static OpCase.Body linear(
            Fixture f, boolean binary, int in, long group, boolean perRow, int bits, boolean bf16) {
        Parameter x = clipped(f, "x", f.size.rows(), in), w = clipped(f, "w", f.size.out(), in);
        Parameter b = f.leaf("b", Shape.of(f.size.out()), f.draws.normals(f.size.out(), 1));
        QuantizedWeight weight = f.own(new QuantizedWeight(f.device, w, binary, group, CLIP));
        return tape -> QuantizedLinear.of(tape, input(tape, x, perRow, bits, binary), weight, b, bf16);
    }

    /** Biases are such that a result of one element does not lie where GELU is nearly 0, with few digits in f32. */
    private static OpCase.Body gelu(Fixture f, boolean binary, Scales scales, int bits) {
        int in = f.size.cols8();
        Parameter x = clipped(f, "x", f.size.rows(), in), w = clipped(f, "w", f.size.out(), in);
        Parameter b = f.leaf("b", Shape.of(f.size.out()), f.draws.uniforms(f.size.out(), 2, 6));
        QuantizedWeight weight = f.own(new QuantizedWeight(f.device, w, binary, scales.group(f.size), CLIP));
        return tape -> QuantizedLinear.gelu(tape, input(tape, x, false, bits, binary), weight, b, false, null);
    }

    static Codes input(Tape tape, Tensor x, boolean perRow, int bits, boolean packed) {
        return bits == 1 ? Binarize.of(tape, x, perRow, CLIP, packed) : Quantize.of(tape, x, perRow, CLIP, bits);
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

    private static OpCase.Body context(Fixture f) {
        SequenceLayout layout = f.layout();
        Shape shape = layout.mapShape();
        Parameter probs = f.leaf("probs", shape, f.draws.uniforms(shape.elements(), 0, 1.1));
        Parameter v = clipped(f, "v", f.size.rows(), f.size.width());
        return tape -> AttentionContext.of(tape, codes(tape, probs), codes(tape, v), layout);
    }
}
