package dev.ternion.tensor.ops;

import dev.ternion.tensor.Codes;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;

/** The gradient of a quantizer: that of the codes passes to what they were made from where their mask is set. Ref: [STE] */
final class StraightThrough {
    private StraightThrough() {}

    static void pass(Tape tape, Tensor x, Codes codes) {
        tape.accumulate(
                x,
                (grad, add) -> tape.ops()
                        .ste_mask(
                                grad.raw(),
                                codes.grad().raw(),
                                codes.mask().raw(),
                                x.shape().elements(),
                                add));
    }
}
