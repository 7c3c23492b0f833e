package dev.ternion.tensor.ops;

import dev.ternion.backend.Block;
import dev.ternion.tensor.Op;
import dev.ternion.tensor.SequenceLayout;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.Variable;

/** {@code q k^T / sqrt(head size)} per sequence and head; 0 at pad keys. q and k are tensors or codes. Ref: [TI] 0.1 */
public record AttentionScores(Variable q, Variable k, SequenceLayout layout, Tensor output) implements Op {
    /** Scores of shape {@code layout.mapShape()}. */
    public static Tensor of(Tape tape, Variable q, Variable k, SequenceLayout layout) {
        Checks.sameShape("AttentionScores", q.shape(), k.shape());
        Tensor scores = tape.tensor(layout.mapShape(), tape.reaches(q, k));
        tape.ops()
                .attention_scores(
                        scores.value().raw(),
                        Operand.values(q),
                        Operand.step(q),
                        Operand.values(k),
                        Operand.step(k),
                        layout.raw());
        tape.record(new AttentionScores(q, k, layout, scores), scores.needsGrad());
        return scores;
    }

    @Override
    public void backward(Tape tape) {
        long n = q.shape().elements();
        Block dq = tape.scratch(n), dk = tape.scratch(n);
        tape.ops()
                .attention_scores_backward(
                        dq.raw(),
                        dk.raw(),
                        output.grad().raw(),
                        Operand.values(q),
                        Operand.step(q),
                        Operand.values(k),
                        Operand.step(k),
                        layout.raw(),
                        false);
        tape.pass(q, dq);
        tape.pass(k, dk);
    }
}
