package dev.ternion.tensor;

import dev.ternion.backend.Block;
import dev.ternion.backend.DType;
import dev.ternion.backend.Device;
import dev.ternion.backend.jni.NativeLayout;
import java.util.Arrays;

/**
 * Where the token rows of each sequence of a packed batch lie, on the device, with the host facts that shapes and loss
 * denominators need. See {@code Layout} in {@code native/include/ternion/buffer.h}.
 */
public final class SequenceLayout implements AutoCloseable {
    /**
     * What the host knows of a layout: shapes and loss denominators follow from it.
     *
     * @param batch sequences
     * @param rows token rows, pads included
     * @param pairs sum over sequences of rows²
     */
    public record Sizes(int batch, long rows, long pairs) {
        /** Sizes of sequences by their first rows (last: the number of rows) and numbers of real tokens. */
        public static Sizes of(int[] starts, int[] valid) {
            long pairs = 0;
            for (int b = 0; b < valid.length; b++) {
                long length = starts[b + 1] - starts[b];
                if (valid[b] < 1 || valid[b] > length) {
                    throw new IllegalArgumentException("sequence " + b + " has " + valid[b] + " valid tokens of "
                            + length + " rows: wanted 1 to all");
                }
                pairs += length * length;
            }
            return new Sizes(valid.length, starts[valid.length], pairs);
        }
    }

    private final Device device;
    private final Block starts;
    private final Block valid;
    private final Block pairs;
    private final NativeLayout raw;
    private final int heads;
    private final Sizes sizes;
    private int longest;
    private KeyLimit limit = new KeyLimit(null, Integer.MAX_VALUE);

    /** What an operation on this layout asks of every sequence. */
    private record KeyLimit(String op, int most) {
        void check(int longest) {
            if (longest > most) {
                throw new IllegalArgumentException("[" + op + "] a sequence has " + longest
                        + " real tokens, wanted at most " + most
                        + ", up to where products of codes are exact: lower max_length, or do not quantize attention");
            }
        }
    }

    /**
     * @param starts first row of each sequence and, last, the number of rows
     * @param valid real tokens of each sequence
     * @param heads attention heads
     * @param headDim size of one head
     */
    public SequenceLayout(Device device, int[] starts, int[] valid, int heads, int headDim) {
        this.device = device;
        this.heads = heads;
        this.sizes = Sizes.of(starts, valid);
        this.starts = device.allocate(DType.S32, starts.length);
        this.valid = device.allocate(DType.S32, valid.length);
        this.pairs = device.allocate(DType.S32, starts.length);
        this.raw = new NativeLayout();
        raw.starts(this.starts.raw());
        raw.valid(this.valid.raw());
        raw.pairs(this.pairs.raw());
        raw.batch(sizes.batch());
        raw.heads(heads);
        raw.head_dim(headDim);
        raw.rows(sizes.rows());
        raw.areas(sizes.pairs());
        write(starts, valid);
    }

    /** Takes over other sequences of the same {@link #sizes}. */
    public void refill(int[] newStarts, int[] newValid) {
        Sizes other = Sizes.of(newStarts, newValid);
        if (!other.equals(sizes)) {
            throw new IllegalArgumentException("a layout of " + sizes + " cannot take over " + other);
        }
        limit.check(longest(newValid));
        write(newStarts, newValid);
    }

    private static int longest(int[] valid) {
        return Arrays.stream(valid).max().orElse(0);
    }

    /** Refuses sequences of more real tokens, now and in refills. */
    public void limitKeys(String op, int most) {
        KeyLimit asked = new KeyLimit(op, most);
        asked.check(longest);
        limit = most < limit.most ? asked : limit;
    }

    private void write(int[] newStarts, int[] newValid) {
        int[] squares = new int[newStarts.length];
        for (int b = 0; b < newValid.length; b++) {
            int length = newStarts[b + 1] - newStarts[b];
            squares[b + 1] = Math.addExact(squares[b], Math.multiplyExact(length, length));
        }
        longest = longest(newValid);
        device.writeInts(starts, newStarts);
        device.writeInts(valid, newValid);
        device.writeInts(pairs, squares);
    }

    /** The native view. */
    public NativeLayout raw() {
        return raw;
    }

    /** S32 first rows of the sequences, and the number of rows. */
    public Block starts() {
        return starts;
    }

    /** What the host knows. */
    public Sizes sizes() {
        return sizes;
    }

    /** Number of sequences. */
    public int batch() {
        return sizes.batch();
    }

    /** Token rows of all sequences, pads included. */
    public long rows() {
        return sizes.rows();
    }

    /** Sum over sequences of rows². */
    public long pairCount() {
        return sizes.pairs();
    }

    /** Shape of scores and maps of this batch: one dimension, blocks as in {@code Layout}. */
    public Shape mapShape() {
        return Shape.of(heads * sizes.pairs());
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
