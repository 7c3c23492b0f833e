package dev.ternion.tensor;

import dev.ternion.backend.Block;

/**
 * An activation as signed 8-bit codes. Its value is {@code codes * step}; its gradient is that of the dequantized value,
 * and passes to the source through the straight-through mask.
 */
public final class Codes extends Variable {
    private final Block codes;
    private final Block step;
    private final Block mask;
    private final long group;

    /**
     * @param codes S8, one per element
     * @param step REAL, one per group of {@code group} consecutive elements
     * @param mask U8, one bit per element: set where gradients pass
     */
    public Codes(Shape shape, Block codes, Block step, Block mask, long group, boolean needsGrad) {
        super(shape, needsGrad);
        this.codes = codes;
        this.step = step;
        this.mask = mask;
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

    /** Consecutive elements that share a step. */
    public long group() {
        return group;
    }

    @Override
    public Codes detached() {
        return new Codes(shape(), codes, step, mask, group, false);
    }

    @Override
    void closeValue() {
        codes.close();
        step.close();
        mask.close();
    }
}
