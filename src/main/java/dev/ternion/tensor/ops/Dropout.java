package dev.ternion.tensor.ops;

import dev.ternion.backend.Block;
import dev.ternion.tensor.Op;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;

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
        if (mask.probability() == 0) {
            return x;
        }
        Tensor y = tape.tensor(x.shape(), tape.reaches(x));
        apply(tape, y.value(), x.value(), x.shape().elements(), mask, false);
        tape.record(new Dropout(x, mask, y), y.needsGrad());
        return y;
    }

    static void apply(Tape tape, Block y, Block x, long n, Mask mask, boolean add) {
        tape.ops()
                .dropout(
                        y.raw(),
                        x.raw(),
                        n,
                        mask.probability(),
                        mask.seed(),
                        mask.site(),
                        mask.step().raw(),
                        add);
    }

    @Override
    public void backward(Tape tape) {
        tape.accumulate(
                x, (grad, add) -> apply(tape, grad, output.grad(), x.shape().elements(), mask, add));
    }
}
