package dev.ternion.tensor.ops;

import dev.ternion.backend.Block;
import dev.ternion.backend.DType;
import dev.ternion.backend.jni.NativeBuffer;
import dev.ternion.backend.jni.NativeMapPath;
import dev.ternion.backend.jni.NativeScores;
import dev.ternion.tensor.Op;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.Top;
import dev.ternion.tensor.Variable;

/**
 * Softmax of scores, dropout, quantizer and product with v, no map in memory: the bytes of {@link AttentionScores},
 * {@link Softmax}, {@link Dropout}, {@link Quantize} and {@link AttentionContext}. Ref: [TI] 0.1, 1.3
 *
 * @param stats REAL, maximum and inverse sum of every row
 * @param step REAL, step and scale of the probabilities; null where v is a tensor
 */
public record Attention(
        ScoreMap scores, Variable v, Dropout.Mask mask, Rounding rounding, Block stats, Block step, Tensor output)
        implements Op {
    /** Most keys, and most columns of a head, whose products of 8-bit codes have exact sums as f32: 1040 * 127 * 127 < 2^24. */
    public static final int MOST_EXACT = 1040;

    /**
     * How probabilities become codes.
     *
     * @param clip they are clamped to it first
     * @param bits 2 to 8
     */
    public record Rounding(double clip, int bits) {
        private static final Rounding NONE = new Rounding(0, 0);
    }

    /**
     * Context of v's shape.
     *
     * @param rounding null where probabilities stay REAL; v is a tensor then, and codes with one step elsewhere: of at most
     *     {@link #MOST_EXACT} keys
     */
    public static Tensor of(Tape tape, ScoreMap scores, Variable v, Dropout.Mask mask, Rounding rounding) {
        return of(tape, scores, v, mask, rounding, null);
    }

    /** The same, keeping the context's largest magnitude in {@code top} where that is not null. */
    public static Tensor of(Tape tape, ScoreMap scores, Variable v, Dropout.Mask mask, Rounding rounding, Top top) {
        Checks.sameShape("Attention", scores.q().shape(), v.shape());
        if (rounding != null) {
            scores.layout().limitKeys("Attention", MOST_EXACT);
        }
        Tensor context = tape.tensor(v.shape(), scores.reached(tape) || tape.reaches(v), top);
        Block stats = tape.memory(
                DType.REAL, 2L * scores.layout().heads() * scores.layout().rows());
        Block step = rounding == null ? null : tape.memory(DType.REAL, 2);
        Attention op =
                new Attention(scores, v, mask, rounding == null ? Rounding.NONE : rounding, stats, step, context);
        op.forward(tape);
        if (!context.needsGrad()) {
            op.forget();
        }
        tape.record(op, context.needsGrad());
        return context;
    }

    private void forward(Tape tape) {
        try (NativeScores of = scores.raw();
                NativeMapPath path = path()) {
            tape.ops()
                    .attention_forward(
                            output.value().raw(),
                            stats.raw(),
                            stepOrNull(),
                            of,
                            path,
                            Operand.values(v),
                            Operand.step(v),
                            scores.layout().raw(),
                            Top.raw(output.top()),
                            Top.slot(output.top()));
        }
    }

    private NativeBuffer stepOrNull() {
        return step == null ? null : step.raw();
    }

    private NativeMapPath path() {
        NativeMapPath path = new NativeMapPath();
        path.p(mask.probability());
        path.seed(mask.seed());
        path.site(mask.site());
        path.step(mask.step() == null ? null : mask.step().raw());
        path.clip(rounding.clip());
        path.bits(rounding.bits());
        return path;
    }

    private void forget() {
        stats.close();
        if (step != null) {
            step.close();
        }
    }

    @Override
    public void backward(Tape tape) {
        boolean reached = scores.reached(tape);
        long n = v.shape().elements();
        Block dq = reached ? tape.scratch(n) : null, dk = reached ? tape.scratch(n) : null, dv = tape.scratch(n);
        ScoreLoss loss = reached ? scores.take() : null;
        try (NativeScores of = scores.raw();
                NativeMapPath path = path();
                NativeScores target = loss == null ? null : loss.target().raw()) {
            tape.ops()
                    .attention_backward(
                            dq == null ? null : dq.raw(),
                            dk == null ? null : dk.raw(),
                            dv.raw(),
                            output.grad().raw(),
                            stats.raw(),
                            stepOrNull(),
                            of,
                            path,
                            Operand.values(v),
                            Operand.step(v),
                            target,
                            loss == null ? 1 : loss.denominator(),
                            loss == null ? 0 : loss.slot().weight(),
                            scores.layout().raw());
        }
        if (reached) {
            tape.pass(scores.q(), dq);
            tape.pass(scores.k(), dk);
        }
        tape.pass(v, dv);
        forget();
    }
}
