package dev.ternion.tensor.ops;

import dev.ternion.backend.Block;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;

/** Mean cross entropy of logits [rows, classes] against S32 labels [rows]. */
public record CrossEntropyLoss(Tensor logits, Block labels, LossSlot slot) implements Loss {
    /** Writes the loss into its slot. */
    public static void of(Tape tape, Tensor logits, Block labels, LossSlot slot) {

        tape.ops()
                .cross_entropy_forward(
                        slot.values().raw(),
                        slot.index(),
                        logits.value().raw(),
                        labels.raw(),
                        logits.shape().rows(),
                        logits.shape().cols());
        tape.record(new CrossEntropyLoss(logits, labels, slot), tape.reaches(logits));
    }

    @Override
    public void backward(Tape tape) {
        tape.accumulate(
                logits,
                (grad, add) -> tape.ops()
                        .cross_entropy_backward(
                                grad.raw(),
                                logits.value().raw(),
                                labels.raw(),
                                logits.shape().rows(),
                                logits.shape().cols(),
                                slot.weight(),
                                add));
    }
}
