package dev.ternion.artifact;

import java.util.Arrays;

/**
 * Where one tensor lies in a file.
 *
 * @param offset first byte, counted from the start of the file
 * @param size bytes; equals product(shape) × width of the dtype
 */
record TensorEntry(String name, Dtype dtype, long[] shape, long offset, long size) {

    /** Largest tensor a single buffer can hold, in bytes. */
    static final long LARGEST = Integer.MAX_VALUE;

    /** More axes than any model here has; a bound on untrusted input. */
    static final int MOST_AXES = 8;

    /** @return product(shape) × width, or -1 if an extent is negative or the product does not fit 63 bits */
    static long byteSize(Dtype dtype, long[] shape) {
        long size = dtype.width;
        for (long extent : shape) {
            if (extent < 0 || Math.multiplyHigh(size, extent) != 0 || size * extent < 0) {
                return -1;
            }
            size *= extent;
        }
        return size;
    }

    /** @throws ArtifactException unless the floats can be had as f32 */
    void requireFloating(Object file) throws ArtifactException {
        if (!dtype.floating) {
            throw ArtifactException.of(
                    file,
                    "tensor \"" + name + "\": dtype",
                    dtype,
                    "F32, F16, BF16 or F64",
                    "Read its raw bytes instead, or ask for a tensor of weights.");
        }
    }

    String shapeText() {
        return Arrays.toString(shape);
    }
}
