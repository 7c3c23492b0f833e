package dev.ternion.tensor;

import dev.ternion.backend.Block;

/** A value with a shape that a gradient can reach. The gradient is REAL, of the same shape, absent until first used. */
public abstract class Variable {
    private final Shape shape;
    private final boolean needsGrad;
    private Block grad;

    Variable(Shape shape, boolean needsGrad) {
        this.shape = shape;
        this.needsGrad = needsGrad;
    }

    /** Sizes of the dimensions. */
    public Shape shape() {
        return shape;
    }

    /** Whether a gradient is wanted. */
    public boolean needsGrad() {
        return needsGrad;
    }

    /** The gradient, or null when nothing reached this value. */
    public Block grad() {
        return grad;
    }

    void setGrad(Block grad) {
        this.grad = grad;
    }

    /** Releases the gradient; it is absent again. */
    public void clearGrad() {
        if (grad != null) {
            grad.close();
            grad = null;
        }
    }

    /** The same value, cut off from gradients (stop-gradient). Shares memory: the original must outlive it. */
    public abstract Variable detached();

    abstract void closeValue();
}
