package dev.ternion.tensor.ops;

import dev.ternion.tensor.Codes;
import dev.ternion.tensor.Op;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.Top;

/** Symmetric dynamic quantizer with a strict straight-through gradient inside ±clip. Ref: [TI] 1.3, [STE] */
public record Quantize(Tensor x, Codes output) implements Op {
    /**
     * Codes of x's shape.
     *
     * @param perRow one step per last-dimension row instead of one for the tensor
     * @param clip x is clamped to ±clip first
     * @param bits 2 to 8
     */
    public static Codes of(Tape tape, Tensor x, boolean perRow, double clip, int bits) {
        long n = x.shape().elements();
        long group = perRow ? x.shape().cols() : n;
        Top top = group == n ? x.top() : null;
        Codes codes = tape.codes(x.shape(), group, false, tape.reaches(x));
        tape.ops()
                .quantize_symmetric(
                        codes.codes().raw(),
                        codes.step().raw(),
                        codes.mask().raw(),
                        x.value().raw(),
                        n,
                        group,
                        clip,
                        bits,
                        Top.raw(top),
                        Top.slot(top));
        tape.record(new Quantize(x, codes), codes.needsGrad());
        return codes;
    }

    @Override
    public void backward(Tape tape) {
        StraightThrough.pass(tape, x, output);
    }
}
