package dev.ternion.tensor;

import dev.ternion.backend.Block;

/** A REAL value on a device. Tensors made under a {@link Tape} die with it; parameters belong to their model. */
public class Tensor extends Variable {
    private final Block value;
    private final Top top;

    /** Wraps a block of at least the shape's size. */
    public Tensor(Shape shape, Block value, boolean needsGrad) {
        this(shape, value, needsGrad, null);
    }

    /** The same, with the place of its largest magnitude. */
    Tensor(Shape shape, Block value, boolean needsGrad, Top top) {
        super(shape, needsGrad);
        if (value.count() < shape.elements()) {
            throw new IllegalArgumentException("shape " + shape + " does not fit a block of " + value.count());
        }
        this.value = value;
        this.top = top;
    }

    /** The device memory. */
    public Block value() {
        return value;
    }

    /** The place of its largest magnitude, or null where no one keeps it. */
    public Top top() {
        return top;
    }

    @Override
    public Tensor detached() {
        return new Tensor(shape(), value, false, top);
    }

    @Override
    void closeValue() {
        value.close();
    }
}
