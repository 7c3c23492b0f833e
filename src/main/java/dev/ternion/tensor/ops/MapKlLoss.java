package dev.ternion.tensor.ops;

import dev.ternion.tensor.SequenceLayout;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;

/** Divergence of the student's attention maps from the teacher's. Ref: [TI] 3.2 */
public record MapKlLoss(Tensor probs, Tensor target, SequenceLayout layout, LossSlot slot) implements Loss {
    /** Writes the loss into its slot. */
    public static void of(Tape tape, Tensor probs, Tensor target, SequenceLayout layout, LossSlot slot) {
        Checks.sameShape("MapKlLoss", probs.shape(), target.shape());
        tape.ops()
                .map_kl_forward(
                        slot.values().raw(),
                        slot.index(),
                        probs.value().raw(),
                        target.value().raw(),
                        layout.raw());
        tape.record(new MapKlLoss(probs, target, layout, slot), tape.reaches(probs));
    }

    @Override
    public void backward(Tape tape) {
        tape.accumulate(
                probs,
                (grad, add) -> tape.ops()
                        .map_kl_backward(
                                grad.raw(),
                                probs.value().raw(),
                                target.value().raw(),
                                layout.raw(),
                                slot.weight(),
                                add));
    }
}
