package dev.ternion.tensor.ops;

import dev.ternion.backend.Block;
import dev.ternion.backend.DType;
import dev.ternion.tensor.Op;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;

/**
 * Fake quantization of every row by the TWN (or BWN) rule, one scale per row: gathered word embeddings. The gradient passes
 * where {@code -clip < x < clip}. Ref: [TI] 1.5, [STE]
 */
public record TernaryRows(Tensor x, double clip, Tensor output) implements Op {
    /** y of x's shape. */
    public static Tensor of(Tape tape, Tensor x, boolean binary, double clip) {
        long n = x.shape().elements(), cols = x.shape().cols();
        Tensor y = tape.tensor(x.shape(), tape.reaches(x));
        try (Block codes = tape.memory(DType.S8, n);
                Block scale = tape.scratch(x.shape().rows())) {
            if (binary) {
                tape.ops()
                        .quantize_binary(
                                codes.raw(), scale.raw(), null, x.value().raw(), n, cols, clip);
            } else {
                tape.ops().quantize_ternary(codes.raw(), scale.raw(), x.value().raw(), n, cols, clip);
            }
            tape.ops().dequantize(y.value().raw(), codes.raw(), scale.raw(), n, cols);
        }
        tape.record(new TernaryRows(x, clip, y), y.needsGrad());
        return y;
    }

    @Override
    public void backward(Tape tape) {
        tape.accumulate(
                x,
                (grad, add) -> tape.ops()
                        .ste_clip(
                                grad.raw(),
                                output.grad().raw(),
                                x.value().raw(),
                                x.shape().elements(),
                                clip,
                                add));
    }
}
