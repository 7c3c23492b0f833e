package dev.ternion.tensor;

import dev.ternion.backend.Block;

/** A REAL value on a device. Tensors made under a {@link Tape} die with it; parameters belong to their model. */
public class Tensor extends Variable {
    private final Block value;

    /** Wraps a block of at least the shape's size. */
    public Tensor(Shape shape, Block value, boolean needsGrad) {
        super(shape, needsGrad);
        if (value.count() < shape.elements()) {
            throw new IllegalArgumentException("shape " + shape + " does not fit a block of " + value.count());
        }
        this.value = value;
    }

    /** The device memory. */
    public Block value() {
        return value;
    }

    @Override
    public Tensor detached() {
        return new Tensor(shape(), value, false);
    }

    @Override
    void closeValue() {
        value.close();
    }
}
