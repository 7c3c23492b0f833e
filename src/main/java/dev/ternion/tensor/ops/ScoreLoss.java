package dev.ternion.tensor.ops;

import dev.ternion.backend.jni.NativeScores;
import dev.ternion.tensor.SequenceLayout;
import dev.ternion.tensor.Tape;

/** {@link ScoreMseLoss} of scores that are not stored, with its bytes. Ref: [TI] 3 L_as */
public record ScoreLoss(ScoreMap scores, ScoreMap target, double denominator, LossSlot slot) implements Loss {
    /** Writes the loss into its slot. The operands of the target must outlive the backward pass. */
    public static void of(Tape tape, ScoreMap scores, ScoreMap target, double denominator, LossSlot slot) {
        Checks.sameShape("ScoreLoss", scores.q().shape(), target.q().shape());
        SequenceLayout layout = scores.layout();
        try (NativeScores of = scores.raw();
                NativeScores wanted = target.raw()) {
            tape.ops().score_loss_forward(slot.values().raw(), slot.index(), of, wanted, layout.raw(), denominator);
        }
        tape.record(new ScoreLoss(scores, target, denominator, slot), scores.reached(tape));
    }

    @Override
    public void backward(Tape tape) {
        scores.leave(tape, this);
    }
}
