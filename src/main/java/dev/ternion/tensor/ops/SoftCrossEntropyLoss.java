package dev.ternion.tensor.ops;

import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;

/** Cross entropy of logits against a teacher's distribution, summed over rows and divided by {@code denominator}. Ref: [TI] 3 L_pred */
public record SoftCrossEntropyLoss(Tensor logits, Tensor target, double denominator, LossSlot slot) implements Loss {
    /** Writes the loss into its slot. */
    public static void of(Tape tape, Tensor logits, Tensor target, double denominator, LossSlot slot) {
        Checks.sameShape("SoftCrossEntropyLoss", logits.shape(), target.shape());
        tape.ops()
                .soft_cross_entropy_forward(
                        slot.values().raw(),
                        slot.index(),
                        logits.value().raw(),
                        target.value().raw(),
                        logits.shape().rows(),
                        logits.shape().cols(),
                        denominator);
        tape.record(new SoftCrossEntropyLoss(logits, target, denominator, slot), tape.reaches(logits));
    }

    @Override
    public void backward(Tape tape) {
        tape.accumulate(
                logits,
                (grad, add) -> tape.ops()
                        .soft_cross_entropy_backward(
                                grad.raw(),
                                logits.value().raw(),
                                target.value().raw(),
                                logits.shape().rows(),
                                logits.shape().cols(),
                                denominator,
                                slot.weight(),
                                add));
    }
}
