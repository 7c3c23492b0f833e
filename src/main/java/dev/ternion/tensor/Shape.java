package dev.ternion.tensor;

import java.util.Arrays;

/** Sizes of a tensor's dimensions, row-major, the last one contiguous. */
public final class Shape {
    private final long[] sizes;

    private Shape(long[] sizes) {
        this.sizes = sizes;
    }

    /** A shape of non-negative sizes. */
    public static Shape of(long... sizes) {
        for (long size : sizes) {
            if (size < 0) {
                throw new IllegalArgumentException("shape " + Arrays.toString(sizes) + " has a negative size");
            }
        }
        return new Shape(sizes.clone());
    }

    /** Number of dimensions. */
    public int rank() {
        return sizes.length;
    }

    /** Size of one dimension; negative indices count from the end. */
    public long size(int dimension) {
        return sizes[dimension < 0 ? sizes.length + dimension : dimension];
    }

    /** Product of the sizes. */
    public long elements() {
        long product = 1;
        for (long size : sizes) {
            product = Math.multiplyExact(product, size);
        }
        return product;
    }

    /** Elements per last-dimension row. */
    public long cols() {
        return sizes[sizes.length - 1];
    }

    /** Number of last-dimension rows. */
    public long rows() {
        return cols() == 0 ? 0 : elements() / cols();
    }

    /** The sizes, copied. */
    public long[] toArray() {
        return sizes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape shape && Arrays.equals(sizes, shape.sizes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(sizes);
    }

    @Override
    public String toString() {
        return Arrays.toString(sizes);
    }
}
