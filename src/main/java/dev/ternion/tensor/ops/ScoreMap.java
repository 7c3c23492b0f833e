package dev.ternion.tensor.ops;

import dev.ternion.backend.Block;
import dev.ternion.backend.jni.NativeScores;
import dev.ternion.tensor.Codes;
import dev.ternion.tensor.Op;
import dev.ternion.tensor.SequenceLayout;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Variable;

/**
 * The attention scores of a batch by their operands, made where they are used and never stored. q and k are tensors, or codes
 * with one step each. A score loss waits here in the backward pass, so that an attention over the same scores makes both
 * gradients in one pass; what no attention has taken is done last, since this was recorded first. Ref: [TI] 0.1
 *
 * @param waiting the loss to come, if any
 */
public record ScoreMap(Variable q, Variable k, SequenceLayout layout, Waiting waiting) implements Op {
    /** One place for a loss. */
    static final class Waiting {
        private ScoreLoss loss;
    }

    /** The scores {@code q k^T / sqrt(head size)}. Heads of codes have at most {@link Attention#MOST_EXACT} columns. */
    public static ScoreMap of(Tape tape, Variable q, Variable k, SequenceLayout layout) {
        Checks.sameShape("ScoreMap", q.shape(), k.shape());
        long columns = q.shape().cols() / layout.heads();
        if (q instanceof Codes && columns > Attention.MOST_EXACT) {
            throw new IllegalArgumentException(
                    "[ScoreMap] heads have " + columns + " columns, wanted at most " + Attention.MOST_EXACT
                            + " of codes, up to where their products are exact: do not quantize attention");
        }
        ScoreMap map = new ScoreMap(q, k, layout, new Waiting());
        tape.record(map, map.reached(tape));
        return map;
    }

    /** Whether q and k want gradients. */
    boolean reached(Tape tape) {
        return tape.reaches(q, k);
    }

    /** Leaves a loss for the backward pass of these scores. */
    void leave(Tape tape, ScoreLoss loss) {
        backward(tape);
        waiting.loss = loss;
    }

    /** The loss that waits, or null; it waits no longer. */
    ScoreLoss take() {
        ScoreLoss loss = waiting.loss;
        waiting.loss = null;
        return loss;
    }

    /** Hands q and k over to another tape. */
    public void moveTo(Tape from, Tape to) {
        from.moveTo(to, q);
        from.moveTo(to, k);
    }

    /** The native view; the caller closes it. */
    NativeScores raw() {
        NativeScores raw = new NativeScores();
        raw.q(Operand.values(q));
        raw.q_step(Operand.step(q));
        raw.k(Operand.values(k));
        raw.k_step(Operand.step(k));
        return raw;
    }

    @Override
    public Variable output() {
        return null;
    }

    @Override
    public void backward(Tape tape) {
        ScoreLoss loss = take();
        if (loss == null) {
            return;
        }
        long n = q.shape().elements();
        Block dq = tape.scratch(n), dk = tape.scratch(n);
        try (NativeScores scores = raw();
                NativeScores target = loss.target().raw()) {
            tape.ops()
                    .score_loss_backward(
                            dq.raw(),
                            dk.raw(),
                            scores,
                            target,
                            layout.raw(),
                            loss.denominator(),
                            loss.slot().weight());
        }
        tape.pass(q, dq);
        tape.pass(k, dk);
    }
}
