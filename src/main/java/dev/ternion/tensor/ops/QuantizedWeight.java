package dev.ternion.tensor.ops;

import dev.ternion.backend.Block;
import dev.ternion.backend.DType;
import dev.ternion.backend.Device;
import dev.ternion.tensor.Parameter;

/**
 * Codes, scales and packed panel of a weight matrix, renewed when the weight has changed: once per optimizer step, not per
 * forward pass.
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
    private long version = -1;

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
        panel = device.allocate(
                DType.U8,
                device.ops().panel_bytes(weight.shape().size(0), weight.shape().size(1)));
    }

    /** Recomputes codes, scales and panel when the weight changed since the last call. */
    public QuantizedWeight fresh() {
        if (version != weight.version()) {
            long n = weight.shape().elements();
            if (binary) {
                device.ops()
                        .quantize_binary(
                                codes.raw(), scale.raw(), weight.value().raw(), n, group, clip);
            } else {
                device.ops()
                        .quantize_ternary(
                                codes.raw(), scale.raw(), weight.value().raw(), n, group, clip);
            }
            device.ops()
                    .pack_panel(
                            panel.raw(),
                            codes.raw(),
                            weight.shape().size(0),
                            weight.shape().size(1));
            version = weight.version();
        }
        return this;
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
    }
}
