package dev.ternion.tensor.ops;

import dev.ternion.backend.Block;
import dev.ternion.tensor.Op;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.Top;

/** Exact GELU, {@code x Phi(x)}. Ref: [GELU] */
public record Gelu(Tensor x, Tensor output) implements Op {
    /** y of x's shape. */
    public static Tensor of(Tape tape, Tensor x) {
        return of(tape, x, null);
    }

    /** The same, keeping y's largest magnitude in {@code top} where that is not null. */
    public static Tensor of(Tape tape, Tensor x, Top top) {
        Tensor y = tape.tensor(x.shape(), tape.reaches(x), top);
        tape.ops().gelu_forward(y.value().raw(), x.value().raw(), x.shape().elements(), Top.raw(top), Top.slot(top));
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
