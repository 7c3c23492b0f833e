package dev.ternion.tensor.ops;

import dev.ternion.backend.Block;
import dev.ternion.tensor.Op;
import dev.ternion.tensor.SequenceLayout;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.Top;
import dev.ternion.tensor.Variable;

/** {@code probs v} per sequence and head, heads side by side. Operands are tensors or codes. Ref: [TI] 0.1 */
public record AttentionContext(Variable probs, Variable v, SequenceLayout layout, Tensor output) implements Op {
    /** Context of v's shape. */
    public static Tensor of(Tape tape, Variable probs, Variable v, SequenceLayout layout) {
        return of(tape, probs, v, layout, null);
    }

    /** The same, keeping its largest magnitude in {@code top} where that is not null. */
    public static Tensor of(Tape tape, Variable probs, Variable v, SequenceLayout layout, Top top) {
        Tensor context = tape.tensor(v.shape(), tape.reaches(probs, v), top);
        tape.ops()
                .attention_context(
                        context.value().raw(),
                        Operand.values(probs),
                        Operand.step(probs),
                        Operand.values(v),
                        Operand.step(v),
                        layout.raw(),
                        Top.raw(top),
                        Top.slot(top));
        tape.record(new AttentionContext(probs, v, layout, context), context.needsGrad());
        return context;
    }

    @Override
    public void backward(Tape tape) {
        Block dprobs = probs.needsGrad() ? tape.scratch(probs.shape().elements()) : null;
        Block dv = tape.scratch(v.shape().elements());
        tape.ops()
                .attention_context_backward(
                        dprobs == null ? null : dprobs.raw(),
                        dv.raw(),
                        output.grad().raw(),
                        Operand.values(probs),
                        Operand.step(probs),
                        Operand.values(v),
                        Operand.step(v),
                        layout.raw());
        if (dprobs != null) {
            tape.pass(probs, dprobs);
        }
        tape.pass(v, dv);
    }
}
