package dev.ternion.recipe.report;

/**
 * Random draws without state: the draw at (seed, resample, stream, position) is a pure function (SplitMix64 [SPLITMIX]
 * read at a position).
 */
final class ResampleDraws {
    private static final long GAMMA = 0x9E3779B97F4A7C15L;
    private final long key;

    /** The draws of one resample; {@code stream} tells seeds and examples apart. */
    ResampleDraws(long seed, long resample, long stream) {
        this.key = mix(mix(mix(seed + GAMMA) ^ mix(resample * GAMMA + GAMMA)) ^ mix(stream * GAMMA + GAMMA));
    }

    /** {@code count} numbers in 0..bound-1, with replacement. */
    int[] indices(int count, int bound) {
        int[] indices = new int[count];
        for (int i = 0; i < count; i++) {
            long bits = mix(key + (i + 1) * GAMMA);
            indices[i] = (int) Math.multiplyHigh(bits >>> 1, (long) bound << 1);
        }
        return indices;
    }

    private static long mix(long value) {
        long z = value;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
