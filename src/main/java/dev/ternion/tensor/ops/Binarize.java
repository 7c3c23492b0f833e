package dev.ternion.tensor.ops;

import dev.ternion.tensor.Codes;
import dev.ternion.tensor.Op;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;

/**
 * Activations of one bit: codes sign(x), step mean|clamp(x)|, with a strict straight-through gradient inside ±clip. Ref: [BWN],
 * [STE]
 */
public record Binarize(Tensor x, Codes output) implements Op {
    /**
     * Codes of x's shape.
     *
     * @param perRow one step per last-dimension row instead of one for the tensor
     * @param clip x is clamped to ±clip before the mean
     * @param packed whether the bits are wanted too: for binary weights
     */
    public static Codes of(Tape tape, Tensor x, boolean perRow, double clip, boolean packed) {
        long n = x.shape().elements(), group = perRow ? x.shape().cols() : n;
        Codes codes = tape.codes(x.shape(), group, packed, tape.reaches(x));
        tape.ops()
                .quantize_binary(
                        codes.codes().raw(),
                        codes.step().raw(),
                        codes.mask().raw(),
                        x.value().raw(),
                        n,
                        group,
                        clip);
        if (packed) {
            tape.ops()
                    .pack_bits(
                            codes.bits().bits().raw(),
                            codes.bits().counts().raw(),
                            codes.codes().raw(),
                            x.shape().rows(),
                            x.shape().cols());
        }
        tape.record(new Binarize(x, codes), codes.needsGrad());
        return codes;
    }

    @Override
    public void backward(Tape tape) {
        StraightThrough.pass(tape, x, output);
    }
}
