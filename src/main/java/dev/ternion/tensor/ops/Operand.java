package dev.ternion.tensor.ops;

import dev.ternion.backend.Block;
import dev.ternion.backend.jni.NativeBuffer;
import dev.ternion.tensor.Codes;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.Variable;

/** An operand of an attention product: a REAL tensor, or codes with one step for the tensor. */
final class Operand {
    private Operand() {}

    static NativeBuffer values(Variable operand) {
        Block block = operand instanceof Codes codes ? codes.codes() : ((Tensor) operand).value();
        return block.raw();
    }

    /** The step, or null for a REAL tensor. */
    static NativeBuffer step(Variable operand) {
        if (!(operand instanceof Codes codes)) {
            return null;
        }
        if (codes.group() != codes.shape().elements()) {
            throw new IllegalArgumentException(
                    "attention products want one step per tensor, got groups of " + codes.group());
        }
        return codes.step().raw();
    }
}
