package dev.ternion.tensor.ops;

import dev.ternion.tensor.Op;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;

/** {@code y = dropout(branch) + skip}. */
public record Residual(Tensor branch, Tensor skip, Dropout.Mask mask, Tensor output) implements Op {
    /** y of the common shape. */
    public static Tensor of(Tape tape, Tensor branch, Tensor skip, Dropout.Mask mask) {
        Checks.sameShape("Residual", branch.shape(), skip.shape());
        Tensor y = tape.tensor(skip.shape(), tape.reaches(branch, skip));
        long n = skip.shape().elements();
        if (mask.probability() == 0) {
            tape.ops().add(y.value().raw(), branch.value().raw(), skip.value().raw(), n);
        } else {
            tape.ops().copy(y.value().raw(), skip.value().raw());
            Dropout.apply(tape, y.value(), branch.value(), n, mask, true, null);
        }
        tape.record(new Residual(branch, skip, mask, y), y.needsGrad());
        return y;
    }

    @Override
    public void backward(Tape tape) {
        long n = output.shape().elements();
        tape.accumulate(branch, (grad, add) -> {
            if (mask.probability() == 0) {
                tape.ops().scale(grad.raw(), output.grad().raw(), 1, n, add);
            } else {
                Dropout.apply(tape, grad, output.grad(), n, mask, add, null);
            }
        });
        tape.accumulate(
                skip, (grad, add) -> tape.ops().scale(grad.raw(), output.grad().raw(), 1, n, add));
    }
}
