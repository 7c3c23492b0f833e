package dev.ternion.tensor.ops;

import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;

/** Squared error of x against a constant target, divided by {@code denominator}. Ref: [TI] 3 */
public record MseLoss(Tensor x, Tensor target, double denominator, LossSlot slot) implements Loss {
    /** Writes the loss into its slot. */
    public static void of(Tape tape, Tensor x, Tensor target, double denominator, LossSlot slot) {
        Checks.sameShape("MseLoss", x.shape(), target.shape());
        tape.ops()
                .mse_forward(
                        slot.values().raw(),
                        slot.index(),
                        x.value().raw(),
                        target.value().raw(),
                        x.shape().elements(),
                        denominator);
        tape.record(new MseLoss(x, target, denominator, slot), tape.reaches(x));
    }

    @Override
    public void backward(Tape tape) {
        tape.accumulate(
                x,
                (grad, add) -> tape.ops()
                        .mse_backward(
                                grad.raw(),
                                x.value().raw(),
                                target.value().raw(),
                                x.shape().elements(),
                                denominator,
                                slot.weight(),
                                add));
    }
}
