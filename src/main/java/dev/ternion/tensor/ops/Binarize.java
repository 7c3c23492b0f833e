package dev.ternion.tensor.ops;

import dev.ternion.backend.DType;
import dev.ternion.tensor.Codes;
import dev.ternion.tensor.Op;
import dev.ternion.tensor.PackedBits;
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
        long n = x.shape().elements(), rows = x.shape().rows(), cols = x.shape().cols();
        long group = perRow ? cols : n;
        PackedBits bits = packed
                ? new PackedBits(tape.memory(DType.U8, tape.ops().bits_bytes(rows, cols)), tape.memory(DType.S32, rows))
                : null;
        Codes codes = tape.own(new Codes(
                x.shape(),
                tape.memory(DType.S8, n),
                tape.memory(DType.REAL, n / group),
                tape.memory(DType.U8, (n + 7) / 8),
                bits,
                group,
                tape.reaches(x)));
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
                            bits.bits().raw(),
                            bits.counts().raw(),
                            codes.codes().raw(),
                            rows,
                            cols);
        }
        tape.record(new Binarize(x, codes), codes.needsGrad());
        return codes;
    }

    @Override
    public void backward(Tape tape) {
        tape.accumulate(
                x,
                (grad, add) -> tape.ops()
                        .ste_mask(
                                grad.raw(),
                                output.grad().raw(),
                                output.mask().raw(),
                                x.shape().elements(),
                                add));
    }
}
