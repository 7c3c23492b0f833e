package dev.ternion.tensor.ops;

import dev.ternion.backend.Block;
import dev.ternion.tensor.Op;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;

/** Exact GELU, {@code x Phi(x)}. Ref: [GELU] */
public record Gelu(Tensor x, Tensor output) implements Op {
    /** y of x's shape. */
    public static Tensor of(Tape tape, Tensor x) {
        Tensor y = tape.tensor(x.shape(), tape.reaches(x));
        tape.ops().gelu_forward(y.value().raw(), x.value().raw(), x.shape().elements());
        tape.record(new Gelu(x, y), y.needsGrad());
        return y;
    }

    @Override
    public void backward(Tape tape) {
        long n = x.shape().elements();
        Block dx = tape.scratch(n);
        tape.ops().gelu_backward(dx.raw(), output.grad().raw(), x.value().raw(), n);
        tape.pass(x, dx);
    }
}
