package dev.ternion.tensor.ops;

import dev.ternion.backend.Block;
import dev.ternion.tensor.Op;
import dev.ternion.tensor.Shape;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;

/** Rows of a table, or of any [rows, cols] tensor, by index. */
public record Embedding(Tensor table, Block ids, long count, Tensor output) implements Op {
    /** y[count, cols] = table[ids[count], :]. */
    public static Tensor of(Tape tape, Tensor table, Block ids, long count) {
        long cols = table.shape().cols();
        Tensor y = tape.tensor(Shape.of(count, cols), tape.reaches(table));
        tape.ops().gather_rows(y.value().raw(), table.value().raw(), ids.raw(), count, cols, false);
        tape.record(new Embedding(table, ids, count, y), y.needsGrad());
        return y;
    }

    @Override
    public void backward(Tape tape) {
        tape.accumulate(table, (grad, add) -> {
            if (!add) {
                tape.ops().set_all(grad.raw(), 0);
            }
            tape.ops()
                    .scatter_rows(
                            grad.raw(),
                            output.grad().raw(),
                            ids.raw(),
                            count,
                            table.shape().cols());
        });
    }
}
