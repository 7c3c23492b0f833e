package dev.ternion.tensor.ops;

import dev.ternion.tensor.Op;
import dev.ternion.tensor.SequenceLayout;
import dev.ternion.tensor.Shape;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;

/** Mean over the valid tokens of each sequence. */
public record MeanPool(Tensor x, SequenceLayout layout, Tensor output) implements Op {
    /** y[batch, cols]. */
    public static Tensor of(Tape tape, Tensor x, SequenceLayout layout) {
        long cols = x.shape().cols();
        Checks.elements("MeanPool", "x", x.shape(), layout.rows() * cols);
        Tensor y = tape.tensor(Shape.of(layout.batch(), cols), tape.reaches(x));
        tape.ops().mean_pool_forward(y.value().raw(), x.value().raw(), layout.raw(), cols);
        tape.record(new MeanPool(x, layout, y), y.needsGrad());
        return y;
    }

    @Override
    public void backward(Tape tape) {
        tape.accumulate(
                x,
                (grad, add) -> tape.ops()
                        .mean_pool_backward(
                                grad.raw(),
                                output.grad().raw(),
                                layout.raw(),
                                x.shape().cols(),
                                add));
    }
}
