package dev.ternion.tensor;

import dev.ternion.backend.Block;
import dev.ternion.backend.DType;
import dev.ternion.backend.Device;
import dev.ternion.backend.jni.NativeLayout;

/**
 * Where the token rows of each sequence of a packed batch lie, on the device, with the host facts that shapes and loss
 * denominators need. See {@code Layout} in {@code native/include/ternion/buffer.h}.
 */
public final class SequenceLayout implements AutoCloseable {
    private final Block starts;
    private final Block valid;
    private final Block pairs;
    private final NativeLayout raw;
    private final int batch;
    private final int heads;
    private final long rows;
    private final long pairCount;
    private final long validPairCount;

    /**
     * @param starts first row of each sequence and, last, the number of rows
     * @param valid real tokens of each sequence
     * @param heads attention heads
     * @param headDim size of one head
     */
    public SequenceLayout(Device device, int[] starts, int[] valid, int heads, int headDim) {
        this.batch = valid.length;
        this.heads = heads;
        this.rows = starts[batch];
        int[] squares = new int[batch + 1];
        long validPairs = 0;
        for (int b = 0; b < batch; b++) {
            int length = starts[b + 1] - starts[b];
            if (valid[b] < 1 || valid[b] > length) {
                throw new IllegalArgumentException(
                        "sequence " + b + " has " + valid[b] + " valid tokens of " + length + " rows: wanted 1 to all");
            }
            squares[b + 1] = Math.addExact(squares[b], Math.multiplyExact(length, length));
            validPairs += (long) valid[b] * valid[b];
        }
        this.pairCount = squares[batch];
        this.validPairCount = validPairs;
        this.starts = ints(device, starts);
        this.valid = ints(device, valid);
        this.pairs = ints(device, squares);
        this.raw = new NativeLayout();
        raw.starts(this.starts.raw());
        raw.valid(this.valid.raw());
        raw.pairs(this.pairs.raw());
        raw.batch(batch);
        raw.heads(heads);
        raw.head_dim(headDim);
        raw.rows(rows);
        raw.areas(pairCount);
    }

    private static Block ints(Device device, int[] values) {
        Block block = device.allocate(DType.S32, values.length);
        device.writeInts(block, values);
        return block;
    }

    /** The native view. */
    public NativeLayout raw() {
        return raw;
    }

    /** S32 first rows of the sequences, and the number of rows. */
    public Block starts() {
        return starts;
    }

    /** Number of sequences. */
    public int batch() {
        return batch;
    }

    /** Token rows of all sequences, pads included. */
    public long rows() {
        return rows;
    }

    /** Sum over sequences of rows². */
    public long pairCount() {
        return pairCount;
    }

    /** Sum over sequences of valid². */
    public long validPairCount() {
        return validPairCount;
    }

    /** Shape of scores and maps of this batch: one dimension, blocks as in {@code Layout}. */
    public Shape mapShape() {
        return Shape.of(heads * pairCount);
    }

    /** Attention heads. */
    public int heads() {
        return heads;
    }

    @Override
    public void close() {
        starts.close();
        valid.close();
        pairs.close();
        raw.close();
    }
}
