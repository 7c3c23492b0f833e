package dev.ternion.tensor.ops;

import dev.ternion.backend.Block;
import dev.ternion.backend.DType;
import dev.ternion.backend.Device;
import dev.ternion.tensor.Parameter;

/** In-place changes outside any tape: sums, guards, zeros, copies. Updates of parameters are in {@link UpdateBatch}. */
public final class Updates {
    private Updates() {}

    /** out[slot] = sum of the first n values, in order. */
    public static void sum(Device device, Block out, int slot, Block values, int n) {
        device.ops().sum_f64(out.raw(), slot, values.raw(), n);
    }

    /** guard[0] = 1 when any of the first n values is infinite or NaN, else left as it is. */
    public static void guardFinite(Device device, Block guard, Block values, int n) {
        device.ops().guard_finite(guard.raw(), values.raw(), n);
    }

    /** A new S32 block of one 0: a guard that no update heeds. */
    public static Block openGuard(Device device) {
        return clear(device, device.allocate(DType.S32, 1));
    }

    /** A new block of zeros as large as the parameter. */
    public static Block zerosLike(Device device, Parameter parameter) {
        return clear(device, device.allocate(DType.REAL, parameter.shape().elements()));
    }

    /** Sets a REAL, F64 or S32 block to zero and returns it. */
    public static Block clear(Device device, Block block) {
        device.ops().set_all(block.raw(), 0);
        return block;
    }

    /** to = from. */
    public static void copy(Device device, Parameter to, Parameter from) {
        device.ops().copy(to.value().raw(), from.value().raw());
        to.changed();
    }
}
