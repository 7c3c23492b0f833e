package dev.ternion.tensor.ops;

import dev.ternion.backend.Block;
import dev.ternion.tensor.Op;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.Top;

/** Inverted dropout whose mask is a pure function of (seed, step, site, element). Ref: [PHILOX] */
public record Dropout(Tensor x, Mask mask, Tensor output) implements Op {
    /**
     * Which elements are dropped.
     *
     * @param probability in [0, 1); 0 drops nothing
     * @param seed seed of the training
     * @param site number of the place in the model
     * @param step S32 block whose first element is the optimizer step
     */
    public record Mask(double probability, long seed, int site, Block step) {}

    /** x itself when nothing is dropped, else y of x's shape. */
    public static Tensor of(Tape tape, Tensor x, Mask mask) {
        return of(tape, x, mask, null);
    }

    /** The same; where something is dropped, keeping y's largest magnitude in {@code top} where that is not null. */
    public static Tensor of(Tape tape, Tensor x, Mask mask, Top top) {
        if (mask.probability() == 0) {
            return x;
        }
        Tensor y = tape.tensor(x.shape(), tape.reaches(x), top);
        apply(tape, y.value(), x.value(), x.shape().elements(), mask, false, top);
        tape.record(new Dropout(x, mask, y), y.needsGrad());
        return y;
    }

    static void apply(Tape tape, Block y, Block x, long n, Mask mask, boolean add, Top top) {
        tape.ops()
                .dropout(
                        y.raw(),
                        x.raw(),
                        n,
                        mask.probability(),
                        mask.seed(),
                        mask.site(),
                        mask.step().raw(),
                        add,
                        Top.raw(top),
                        Top.slot(top));
    }

    @Override
    public void backward(Tape tape) {
        tape.accumulate(
                x, (grad, add) -> apply(tape, grad, output.grad(), x.shape().elements(), mask, add, null));
    }
}
