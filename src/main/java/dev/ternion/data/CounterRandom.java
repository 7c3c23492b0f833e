package dev.ternion.data;

/**
 * Random numbers without state: the value at (seed, purpose, counter) is a pure function, so any step can be recomputed
 * alone.
 *
 * <p>It is SplitMix64 [SPLITMIX] read at a position: key = a mix of seed and purpose path, value(n) = mix(key + (n +
 * 1)·γ) with γ the golden-ratio increment. Good enough for shuffles and splits; not for secrets.
 */
public final class CounterRandom {
    /** Purpose: the order of examples in an epoch. */
    public static final long BATCH_ORDER = 1;
    /** Purpose: which rows are held back for evaluation. */
    public static final long EVAL_SPLIT = 2;

    private static final long GAMMA = 0x9E3779B97F4A7C15L;
    private final long key;

    private CounterRandom(long key) {
        this.key = key;
    }

    /**
     * The stream of a seed for a purpose.
     *
     * @param seed what the user chose
     * @param purpose what the numbers are for, then further coordinates such as the epoch
     */
    public static CounterRandom of(long seed, long... purpose) {
        long key = mix(seed + GAMMA);
        for (long part : purpose) {
            key = mix(key ^ mix(part * GAMMA + GAMMA));
        }
        return new CounterRandom(key);
    }

    /** 64 random bits at a position. */
    public long bits(long counter) {
        return mix(key + (counter + 1) * GAMMA);
    }

    /** A number in 0..bound-1 at a position; bias at most bound·2⁻⁶³. */
    public int below(int bound, long counter) {
        if (bound < 1) {
            throw new IllegalArgumentException("bound is " + bound + ", wanted 1 or more");
        }
        return (int) Math.multiplyHigh(bits(counter) >>> 1, (long) bound << 1);
    }

    /** A number in [0, 1) at a position, a multiple of 2⁻⁵³. */
    public double unit(long counter) {
        return (bits(counter) >>> 11) * 0x1p-53;
    }

    /** A permutation of 0..size-1 (Fisher–Yates [KNUTH2], one position of the stream for each exchange). */
    public int[] permutation(int size) {
        int[] order = new int[size];
        for (int i = 0; i < size; i++) {
            order[i] = i;
        }
        for (int i = size - 1; i > 0; i--) {
            int j = below(i + 1, i);
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
        return order;
    }

    private static long mix(long value) {
        long z = value;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
