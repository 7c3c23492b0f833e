package dev.ternion.conformance;

import static dev.ternion.conformance.OpCase.Kind.SMOOTH;
import static dev.ternion.conformance.OpCase.Kind.STRAIGHT_THROUGH;
import static dev.ternion.conformance.OpCase.Products.BACKWARD;
import static dev.ternion.conformance.OpCase.Products.BOTH;
import static dev.ternion.conformance.QuantCases.CLIP;

import dev.ternion.tensor.Codes;
import dev.ternion.tensor.Parameter;
import dev.ternion.tensor.SequenceLayout;
import dev.ternion.tensor.Shape;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.ops.Attention;
import dev.ternion.tensor.ops.Attention.Rounding;
import dev.ternion.tensor.ops.Dropout;
import dev.ternion.tensor.ops.LossSlot;
import dev.ternion.tensor.ops.Quantize;
import dev.ternion.tensor.ops.ScoreLoss;
import dev.ternion.tensor.ops.ScoreMap;
import java.util.List;

/** The catalogue's operations on maps that are not stored. */
final class AttentionCases {
    static final double DROPOUT = 0.3;
    /** As in training. */
    static final Rounding WIDE = new Rounding(CLIP, 8);
    /** A clip that many probabilities pass, and few levels. */
    static final Rounding NARROW = new Rounding(0.2, 3);

    static final List<OpCase> REALS = List.of(
            new OpCase("Attention", Attention.class, SMOOTH, BOTH, 1e-6, AttentionCases::reals),
            new OpCase("Attention of a constant map", Attention.class, SMOOTH, BOTH, 1e-6, AttentionCases::constant),
            new OpCase("ScoreLoss", ScoreLoss.class, SMOOTH, BOTH, 1e-6, f -> loss(f, false)),
            new OpCase(
                    "ScoreMap of a loss beside an attention", ScoreMap.class, SMOOTH, BOTH, 1e-6, f -> loss(f, true)));

    static final List<OpCase> CODES = List.of(
            new OpCase("Attention of codes", Attention.class, STRAIGHT_THROUGH, BACKWARD, 2e-6, f -> codes(f, WIDE)),
            new OpCase(
                    "Attention of codes, 3 bits",
                    Attention.class,
                    STRAIGHT_THROUGH,
                    BACKWARD,
                    2e-6,
                    f -> codes(f, NARROW)),
            new OpCase(
                    "Attention of a teacher's map", Attention.class, STRAIGHT_THROUGH, BOTH, 2e-6, AttentionCases::map),
            new OpCase("ScoreLoss of codes", ScoreLoss.class, STRAIGHT_THROUGH, BOTH, 2e-6, AttentionCases::codesLoss));

    private AttentionCases() {}

    private static Parameter operand(Fixture f, String name) {
        return f.leaf(name, f.size.rows(), f.size.width());
    }

    /** A teacher's operand; the last query is large, so that some scores lie below the -100 of the reference. */
    static Tensor teacher(Fixture f, String name) {
        double[] values = f.draws.normals((long) f.size.rows() * f.size.width(), 1);
        for (int i = 0; i < f.size.width() && name.endsWith("q"); i++) {
            values[values.length - 1 - i] *= 90;
        }
        f.note(name, values);
        return f.constant(Shape.of(f.size.rows(), f.size.width()), values);
    }

    private static OpCase.Body reals(Fixture f) {
        Parameter q = operand(f, "q"), k = operand(f, "k"), v = operand(f, "v");
        SequenceLayout layout = f.layout();
        Dropout.Mask mask = f.mask(DROPOUT);
        return tape -> Attention.of(tape, ScoreMap.of(tape, q, k, layout), v, mask, null);
    }

    private static OpCase.Body constant(Fixture f) {
        Tensor q = teacher(f, "teacher q"), k = teacher(f, "teacher k");
        Parameter v = operand(f, "v");
        SequenceLayout layout = f.layout();
        Dropout.Mask mask = f.mask(0);
        return tape -> Attention.of(tape, ScoreMap.of(tape, q, k, layout), v, mask, null);
    }

    private static OpCase.Body loss(Fixture f, boolean besideAttention) {
        Parameter q = operand(f, "q"), k = operand(f, "k");
        Tensor wantedQ = teacher(f, "teacher q"), wantedK = teacher(f, "teacher k");
        SequenceLayout layout = f.layout();
        LossSlot slot = f.slot();
        return tape -> {
            ScoreMap scores = ScoreMap.of(tape, q, k, layout), target = ScoreMap.of(tape, wantedQ, wantedK, layout);
            if (besideAttention) {
                Attention.of(tape, scores, wantedQ, f.mask(0), null);
            }
            ScoreLoss.of(tape, scores, target, 12.5, slot);
            return null;
        };
    }

    private static Parameter clipped(Fixture f, String name) {
        return f.leaf(
                name,
                Shape.of(f.size.rows(), f.size.width()),
                f.draws.clipped((long) f.size.rows() * f.size.width(), CLIP));
    }

    private static Codes codes(Tape tape, Tensor x) {
        return Quantize.of(tape, x, false, CLIP, 8);
    }

    private static OpCase.Body codes(Fixture f, Rounding rounding) {
        Parameter q = clipped(f, "q"), k = clipped(f, "k"), v = clipped(f, "v");
        SequenceLayout layout = f.layout();
        Dropout.Mask mask = f.mask(DROPOUT);
        return tape -> {
            ScoreMap scores = ScoreMap.of(tape, codes(tape, q), codes(tape, k), layout);
            return Attention.of(tape, scores, codes(tape, v), mask, rounding);
        };
    }

    private static OpCase.Body map(Fixture f) {
        Tensor q = teacher(f, "teacher q"), k = teacher(f, "teacher k");
        Parameter v = clipped(f, "v");
        SequenceLayout layout = f.layout();
        Dropout.Mask mask = f.mask(DROPOUT);
        return tape -> Attention.of(tape, ScoreMap.of(tape, q, k, layout), codes(tape, v), mask, WIDE);
    }

    private static OpCase.Body codesLoss(Fixture f) {
        Parameter q = clipped(f, "q"), k = clipped(f, "k");
        Tensor wantedQ = teacher(f, "teacher q"), wantedK = teacher(f, "teacher k");
        SequenceLayout layout = f.layout();
        LossSlot slot = f.slot();
        return tape -> {
            ScoreMap scores = ScoreMap.of(tape, codes(tape, q), codes(tape, k), layout);
            ScoreLoss.of(tape, scores, ScoreMap.of(tape, wantedQ, wantedK, layout), 12.5, slot);
            return null;
        };
    }
}
