package dev.ternion.tensor.ops;

import dev.ternion.backend.Block;
import dev.ternion.backend.DType;
import dev.ternion.backend.Device;
import dev.ternion.backend.jni.NativeWeightList;
import dev.ternion.tensor.PackedBits;
import dev.ternion.tensor.Parameter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Codes, scales and packed panel of a weight matrix, renewed when the weight has changed: once per optimizer step, not per
 * forward pass, and those of a whole model in one call.
 */
public final class QuantizedWeight implements AutoCloseable {
    private final Device device;
    private final Parameter weight;
    private final boolean binary;
    private final long group;
    private final double clip;
    private final Block codes;
    private final Block scale;
    private final Block panel;
    private final Block sums;
    private PackedBits bits;
    private long version = -1;
    private long summed = -1;

    /**
     * @param weight [out, in]
     * @param binary BWN when true, TWN when false
     * @param group elements that share a scale: out * in, in, or a divisor of in
     * @param clip weights are clamped to ±clip before statistics
     */
    public QuantizedWeight(Device device, Parameter weight, boolean binary, long group, double clip) {
        this.device = device;
        this.weight = weight;
        this.binary = binary;
        this.group = group;
        this.clip = clip;
        long n = weight.shape().elements();
        codes = device.allocate(DType.S8, n);
        scale = device.allocate(DType.REAL, n / group);
        sums = group == n ? UpdateBatch.sums(device, n) : null;
        panel = device.allocate(
                DType.U8,
                device.ops().panel_bytes(weight.shape().size(0), weight.shape().size(1), binary));
    }

    /** Recomputes codes, scales and panel when the weight changed since the last call. */
    public QuantizedWeight fresh() {
        refresh(device, List.of(this));
        return this;
    }

    /** Recomputes codes, scales and panels of those weights that changed, in one call, and the bits of those that have them. */
    public static void refresh(Device device, Collection<QuantizedWeight> weights) {
        List<QuantizedWeight> stale = new ArrayList<>(weights);
        stale.removeIf(weight -> weight.version == weight.weight.version());
        if (stale.isEmpty()) {
            return;
        }
        try (NativeWeightList list = new NativeWeightList()) {
            stale.forEach(weight -> weight.addTo(list));
            device.ops().quantize_weights(list);
        }
        for (QuantizedWeight weight : stale) {
            weight.version = weight.weight.version();
            if (weight.bits != null) {
                weight.packBits();
            }
        }
    }

    private void addTo(NativeWeightList list) {
        list.add(
                codes.raw(),
                scale.raw(),
                panel.raw(),
                weight.value().raw(),
                sums != null && summed == weight.version() ? sums.raw() : null,
                weight.shape().size(0),
                weight.shape().size(1),
                group,
                clip,
                binary);
    }

    /**
     * F64 sums of magnitudes, which the update of a weight with one scale writes and the quantizer begins with; null with
     * several scales.
     */
    Block sums() {
        return sums;
    }

    /** To be called when the sums are those of the weight as it is now. */
    void summed() {
        summed = weight.version();
    }

    /** The latent fp32 weight. */
    public Parameter weight() {
        return weight;
    }

    /** S8 codes [out, in] in {-1, 0, 1}. */
    public Block codes() {
        return codes;
    }

    /** REAL scales, one per group. */
    public Block scale() {
        return scale;
    }

    /** The codes in the layout of {@code gemm_s8}. */
    public Block panel() {
        return panel;
    }

    /** The codes in the layout of {@code gemm_b1}; of binary weights after {@link #fresh()}, kept up to date once asked for. */
    public PackedBits bits() {
        if (bits == null) {
            long out = weight.shape().size(0), in = weight.shape().size(1);
            bits = new PackedBits(
                    device.allocate(DType.U8, device.ops().bits_bytes(out, in)), device.allocate(DType.S32, out));
            packBits();
        }
        return bits;
    }

    private void packBits() {
        device.ops()
                .pack_bits(
                        bits.bits().raw(),
                        bits.counts().raw(),
                        codes.raw(),
                        weight.shape().size(0),
                        weight.shape().size(1));
    }

    /** Whether every row has one scale: {@code gemm_b1} knows no smaller groups. */
    public boolean scalesByRows() {
        return group % weight.shape().size(1) == 0;
    }

    /** Elements that share a scale. */
    public long group() {
        return group;
    }

    /** Strict bound inside which gradients pass. */
    public double clip() {
        return clip;
    }

    /** Whether codes are {-1, 1}. */
    public boolean binary() {
        return binary;
    }

    @Override
    public void close() {
        codes.close();
        scale.close();
        panel.close();
        if (sums != null) {
            sums.close();
        }
        if (bits != null) {
            bits.close();
        }
    }
}
