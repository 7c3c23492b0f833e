package dev.ternion.tensor.ops;

import dev.ternion.backend.Block;
import dev.ternion.backend.DType;
import dev.ternion.backend.Device;
import dev.ternion.backend.jni.Native;
import dev.ternion.backend.jni.NativeUpdateList;
import dev.ternion.tensor.Parameter;
import java.util.ArrayList;
import java.util.List;

/**
 * Parameters that one operation updates in place by their gradients. What was added must live until {@link #clear}. Under a
 * guard that is not 0 an update changes nothing.
 */
public final class UpdateBatch implements AutoCloseable {
    private final Device device;
    private final NativeUpdateList list = new NativeUpdateList();
    private final List<Parameter> parameters = new ArrayList<>();
    private final List<QuantizedWeight> summed = new ArrayList<>();

    /** An empty batch. */
    public UpdateBatch(Device device) {
        this.device = device;
    }

    /**
     * Constants of an Adam update.
     *
     * @param maxNorm gradient clip; 0 or less switches it off
     */
    public record Adam(double beta1, double beta2, double eps, double maxNorm) {}

    /**
     * One more parameter, which has a gradient.
     *
     * @param m first moment
     * @param v second moment
     * @param slot its place among norms, rates and counts
     * @param decay decoupled weight decay
     * @param codes the parameter's codes, or null; the update writes the sums that quantizing begins with
     */
    public void add(Parameter p, Block m, Block v, int slot, double decay, QuantizedWeight codes) {
        var value = p.value().raw();
        var grad = p.grad().raw();
        long n = p.shape().elements();
        if (codes != null && codes.sums() != null) {
            list.add_with_sums(
                    value, grad, m.raw(), v.raw(), n, slot, decay, codes.sums().raw(), codes.clip());
            summed.add(codes);
        } else {
            list.add(value, grad, m.raw(), v.raw(), n, slot, decay);
        }
        parameters.add(p);
    }

    /** A new block for the sums of magnitudes of n elements. */
    static Block sums(Device device, long n) {
        return device.allocate(DType.F64, (n + Native.kSumChunk() - 1) / Native.kSumChunk());
    }

    /** Empties the batch. */
    public void clear() {
        list.clear();
        parameters.clear();
        summed.clear();
    }

    /** out[slot] = squared L2 norm of each gradient. */
    public void squaredNorms(Block out) {
        device.ops().sum_squares(out.raw(), list);
    }

    /** BertAdam: norms[slot] is a tensor's own squared norm, lr[slot] its rate. Ref: [BERTADAM] */
    public void bertAdam(Block norms, Block lr, Adam adam, Block guard) {
        device.ops()
                .bert_adam(
                        list,
                        norms.raw(),
                        lr.raw(),
                        adam.beta1(),
                        adam.beta2(),
                        adam.eps(),
                        adam.maxNorm(),
                        guard.raw());
        changed();
    }

    /** AdamW: norms[normSlot] is the global squared norm, counts[slot] a tensor's step from 1. Ref: [ADAMW] */
    public void adamW(Block norms, int normSlot, Block lr, Block counts, Adam adam, Block guard) {
        device.ops()
                .adamw(
                        list,
                        norms.raw(),
                        normSlot,
                        lr.raw(),
                        counts.raw(),
                        adam.beta1(),
                        adam.beta2(),
                        adam.eps(),
                        adam.maxNorm(),
                        guard.raw());
        changed();
    }

    private void changed() {
        parameters.forEach(Parameter::changed);
        summed.forEach(QuantizedWeight::summed);
    }

    @Override
    public void close() {
        list.close();
    }
}
