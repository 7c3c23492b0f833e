package dev.ternion.tensor.ops;

import dev.ternion.tensor.SequenceLayout;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;

/** Squared error of attention scores over valid keys; a score of -100 or less counts as 0. Ref: [TI] 3 L_as */
public record ScoreMseLoss(Tensor scores, Tensor target, SequenceLayout layout, double denominator, LossSlot slot)
        implements Loss {
    /** Writes the loss into its slot. */
    public static void of(
            Tape tape, Tensor scores, Tensor target, SequenceLayout layout, double denominator, LossSlot slot) {
        Checks.sameShape("ScoreMseLoss", scores.shape(), target.shape());
        tape.ops()
                .score_mse_forward(
                        slot.values().raw(),
                        slot.index(),
                        scores.value().raw(),
                        target.value().raw(),
                        layout.raw(),
                        denominator);
        tape.record(new ScoreMseLoss(scores, target, layout, denominator, slot), tape.reaches(scores));
    }

    @Override
    public void backward(Tape tape) {
        tape.accumulate(
                scores,
                (grad, add) -> tape.ops()
                        .score_mse_backward(
                                grad.raw(),
                                scores.value().raw(),
                                target.value().raw(),
                                layout.raw(),
                                denominator,
                                slot.weight(),
                                add));
    }
}
