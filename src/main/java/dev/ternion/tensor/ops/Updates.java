package dev.ternion.tensor.ops;

import dev.ternion.backend.Block;
import dev.ternion.backend.DType;
import dev.ternion.backend.Device;
import dev.ternion.tensor.Parameter;

/** In-place changes of parameters outside any tape: optimizer updates, norms, copies. */
public final class Updates {
    private Updates() {}

    /**
     * Constants of an Adam update.
     *
     * @param decay decoupled weight decay of this parameter
     * @param maxNorm gradient clip; 0 or less switches it off
     */
    public record Adam(double beta1, double beta2, double eps, double decay, double maxNorm) {}

    /** out[slot] = squared L2 norm of the gradient. */
    public static void squaredNorm(Device device, Block out, int slot, Parameter parameter) {
        device.ops()
                .sum_squares(
                        out.raw(),
                        slot,
                        parameter.grad().raw(),
                        parameter.shape().elements());
    }

    /** out[slot] = sum of the first n values, in order. */
    public static void sum(Device device, Block out, int slot, Block values, int n) {
        device.ops().sum_f64(out.raw(), slot, values.raw(), n);
    }

    /** BertAdam: {@code norms[slot]} is the tensor's own squared norm, {@code lr[slot]} its rate. Ref: [BERTADAM] */
    public static void bertAdam(
            Device device, Parameter p, Block m, Block v, Block norms, Block lr, int slot, Adam adam) {
        device.ops()
                .bert_adam(
                        p.value().raw(),
                        p.grad().raw(),
                        m.raw(),
                        v.raw(),
                        p.shape().elements(),
                        norms.raw(),
                        lr.raw(),
                        slot,
                        adam.beta1(),
                        adam.beta2(),
                        adam.eps(),
                        adam.decay(),
                        adam.maxNorm());
        p.changed();
    }

    /** AdamW: {@code norms[normSlot]} is the global squared norm, {@code counts[slot]} the step from 1. Ref: [ADAMW] */
    public static void adamW(
            Device device,
            Parameter p,
            Block m,
            Block v,
            Block norms,
            int normSlot,
            Block lr,
            Block counts,
            int slot,
            Adam adam) {
        device.ops()
                .adamw(
                        p.value().raw(),
                        p.grad().raw(),
                        m.raw(),
                        v.raw(),
                        p.shape().elements(),
                        norms.raw(),
                        normSlot,
                        lr.raw(),
                        counts.raw(),
                        slot,
                        adam.beta1(),
                        adam.beta2(),
                        adam.eps(),
                        adam.decay(),
                        adam.maxNorm());
        p.changed();
    }

    /** A new block of zeros as large as the parameter. */
    public static Block zerosLike(Device device, Parameter parameter) {
        return clear(device, device.allocate(DType.REAL, parameter.shape().elements()));
    }

    /** Sets a REAL or F64 block to zero and returns it. */
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
