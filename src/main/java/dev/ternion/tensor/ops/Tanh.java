package dev.ternion.tensor.ops;

import dev.ternion.backend.Block;
import dev.ternion.tensor.Op;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;

/** Hyperbolic tangent. */
public record Tanh(Tensor x, Tensor output) implements Op {
    /** y of x's shape. */
    public static Tensor of(Tape tape, Tensor x) {
        Tensor y = tape.tensor(x.shape(), tape.reaches(x));
        tape.ops().tanh_forward(y.value().raw(), x.value().raw(), x.shape().elements());
        tape.record(new Tanh(x, y), y.needsGrad());
        return y;
    }

    @Override
    public void backward(Tape tape) {
        long n = x.shape().elements();
        Block dx = tape.scratch(n);
        tape.ops().tanh_backward(dx.raw(), output.grad().raw(), output.value().raw(), n);
        tape.pass(x, dx);
    }
}
