package dev.ternion.tensor.ops;

import dev.ternion.tensor.Op;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;

/** Sum of two tensors of one shape. */
public record Add(Tensor a, Tensor b, Tensor output) implements Op {
    /** a + b. */
    public static Tensor of(Tape tape, Tensor a, Tensor b) {
        Checks.sameShape("Add", a.shape(), b.shape());
        Tensor y = tape.tensor(a.shape(), tape.reaches(a, b));
        tape.ops()
                .add(
                        y.value().raw(),
                        a.value().raw(),
                        b.value().raw(),
                        a.shape().elements());
        tape.record(new Add(a, b, y), y.needsGrad());
        return y;
    }

    @Override
    public void backward(Tape tape) {
        long n = output.shape().elements();
        for (Tensor input : new Tensor[] {a, b}) {
            tape.accumulate(
                    input,
                    (grad, add) -> tape.ops().scale(grad.raw(), output.grad().raw(), 1, n, add));
        }
    }
}
