package dev.ternion.tensor;

import dev.ternion.backend.Block;
import dev.ternion.backend.jni.NativeBuffer;

/**
 * Where the largest magnitude of a tensor is kept, by the operation that makes the tensor for the quantizer that reads it.
 * Null where no quantizer asks.
 *
 * @param tops S32 magnitude bits, cleared before
 * @param slot element of this tensor
 */
public record Top(Block tops, long slot) {
    /** The contract's {@code tops}, null for none. */
    public static NativeBuffer raw(Top top) {
        return top == null ? null : top.tops.raw();
    }

    /** The contract's {@code slot}. */
    public static long slot(Top top) {
        return top == null ? 0 : top.slot;
    }
}
