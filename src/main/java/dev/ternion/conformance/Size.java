package dev.ternion.conformance;

import java.util.Arrays;

/** One awkward size: the columns of plain matrices, and the sequences and heads of attention. */
record Size(String name, int cols, int out, int heads, int headDim, int[] lengths, int[] valid) {
    /** Everything is one element. */
    static final Size ONE = new Size("one", 1, 1, 1, 1, new int[] {1}, new int[] {1});
    /** Packed sequences of different lengths, no pads. */
    static final Size PACKED = new Size("packed", 31, 7, 3, 5, new int[] {1, 4, 3}, new int[] {1, 4, 3});
    /** Padded sequences: fewer valid tokens than rows. */
    static final Size PADDED = new Size("padded", 33, 5, 2, 3, new int[] {5, 5, 5}, new int[] {2, 5, 1});
    /** Large enough that two threads share out every operation. */
    static final Size BIG = new Size("big", 257, 67, 3, 17, new int[] {31, 33, 65, 1}, new int[] {31, 20, 65, 1});
    /** No extent is a multiple of a tile's, nor below it. */
    static final Size TILES = new Size("tiles", 300, 1000, 5, 40, new int[] {70, 1}, new int[] {65, 1});
    /** The widest linear layer and the attention of BERT-base. */
    static final Size BERT =
            new Size("bert", 768, 3072, 12, 64, new int[] {128, 128, 128, 128}, new int[] {128, 100, 64, 1});

    /** Token rows. */
    int rows() {
        return Arrays.stream(lengths).sum();
    }

    /** Columns of attention operands. */
    int width() {
        return heads * headDim;
    }

    /** Columns rounded up to a multiple of 8, which quantizer groups want. */
    int cols8() {
        return (cols + 7) / 8 * 8;
    }

    /** First rows of the sequences, and the number of rows. */
    int[] starts() {
        int[] starts = new int[lengths.length + 1];
        for (int b = 0; b < lengths.length; b++) {
            starts[b + 1] = starts[b] + lengths[b];
        }
        return starts;
    }

    @Override
    public String toString() {
        return name;
    }
}
