package dev.ternion.tensor;

import dev.ternion.backend.Block;

/**
 * An activation as signed 8-bit codes. Its value is {@code codes * step}; its gradient is that of the dequantized value,
 * and passes to the source through the straight-through mask. Binary codes may have their bits beside them.
 */
public final class Codes extends Variable {
    private final Block codes;
    private final Block step;
    private final Block mask;
    private final PackedBits bits;
    private final long group;

    /**
     * @param codes S8, one per element
     * @param step REAL, one per group of {@code group} consecutive elements
     * @param mask U8, one bit per element: set where gradients pass
     * @param bits binary codes packed, or null
     */
    public Codes(Shape shape, Block codes, Block step, Block mask, PackedBits bits, long group, boolean needsGrad) {
        super(shape, needsGrad);
        this.codes = codes;
        this.step = step;
        this.mask = mask;
        this.bits = bits;
        this.group = group;
    }

    /** S8 codes. */
    public Block codes() {
        return codes;
    }

    /** REAL steps, one per group. */
    public Block step() {
        return step;
    }

    /** U8 bit mask of the straight-through estimator. */
    public Block mask() {
        return mask;
    }

    /** Binary codes packed, or null. */
    public PackedBits bits() {
        return bits;
    }

    /** Consecutive elements that share a step. */
    public long group() {
        return group;
    }

    @Override
    public Codes detached() {
        return new Codes(shape(), codes, step, mask, bits, group, false);
    }

    @Override
    void closeValue() {
        codes.close();
        step.close();
        mask.close();
        if (bits != null) {
            bits.close();
        }
    }
}
