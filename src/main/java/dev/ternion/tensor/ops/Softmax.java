package dev.ternion.tensor.ops;

import dev.ternion.tensor.Op;
import dev.ternion.tensor.SequenceLayout;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.Top;

/** Softmax of attention scores over the valid keys of each row; 0 at pad keys. */
public record Softmax(Tensor scores, SequenceLayout layout, Tensor output) implements Op {
    /** Probabilities of the scores' shape. */
    public static Tensor of(Tape tape, Tensor scores, SequenceLayout layout) {
        return of(tape, scores, layout, null);
    }

    /** The same, keeping their largest magnitude in {@code top} where that is not null. */
    public static Tensor of(Tape tape, Tensor scores, SequenceLayout layout, Top top) {
        Tensor probs = tape.tensor(scores.shape(), tape.reaches(scores), top);
        tape.ops()
                .softmax_forward(probs.value().raw(), scores.value().raw(), layout.raw(), Top.raw(top), Top.slot(top));
        tape.record(new Softmax(scores, layout, probs), probs.needsGrad());
        return probs;
    }

    @Override
    public void backward(Tape tape) {
        tape.accumulate(
                scores,
                (grad, add) -> tape.ops()
                        .softmax_backward(
                                grad.raw(), output.grad().raw(), output.value().raw(), layout.raw(), add));
    }
}
