package dev.ternion.data;

import java.util.Arrays;

/**
 * The packed tokens of one step: the sequences one after another, T rows in all, B sequences.
 *
 * @param ids token ids [T]; pad rows have {@link BertTokenizer#PAD_ID}
 * @param typeIds segment of each token, 0 or 1 [T]; 0 for pads
 * @param positions position of each token in its sequence, from 0 [T]; pads go on counting
 * @param starts first row of each sequence, then T [B+1]
 * @param valid number of real tokens of each sequence, at its start [B]
 * @param labels class index or target of each sequence [B]
 * @param indices which example of the split each sequence is [B]
 */
public record Batch(
        int[] ids, int[] typeIds, int[] positions, int[] starts, int[] valid, float[] labels, int[] indices) {
    /**
     * Packs examples of a split.
     *
     * @param split tokenized examples
     * @param indices which of them, in this order, one or more
     * @param padding how lengths are evened out
     * @param maxLength tokens that every sequence takes under {@link Padding#REFERENCE}, and may have at most under
     *     either
     */
    public static Batch of(EncodedSplit split, int[] indices, Padding padding, int maxLength) {
        if (indices.length == 0) {
            throw new IllegalArgumentException("a batch of no examples, wanted one or more");
        }
        int[] starts = starts(split, indices, padding, maxLength);
        int rows = starts[indices.length];
        Batch batch = new Batch(
                new int[rows],
                new int[rows],
                new int[rows],
                starts,
                new int[indices.length],
                new float[indices.length],
                indices.clone());
        for (int b = 0; b < indices.length; b++) {
            batch.fill(b, split);
        }
        return batch;
    }

    private static int[] starts(EncodedSplit split, int[] indices, Padding padding, int maxLength) {
        int[] starts = new int[indices.length + 1];
        for (int b = 0; b < indices.length; b++) {
            int length = split.length(indices[b]);
            if (length > maxLength) {
                throw new IllegalArgumentException("example " + indices[b] + " has " + length
                        + " tokens, wanted at most " + maxLength + "; encode the split with that maximum length");
            }
            starts[b + 1] = Math.addExact(starts[b], padding == Padding.REFERENCE ? maxLength : length);
        }
        return starts;
    }

    private void fill(int sequence, EncodedSplit split) {
        int index = indices[sequence];
        int start = starts[sequence];
        int end = starts[sequence + 1];
        int length = split.length(index);
        System.arraycopy(split.ids()[index], 0, ids, start, length);
        System.arraycopy(split.typeIds()[index], 0, typeIds, start, length);
        Arrays.fill(ids, start + length, end, BertTokenizer.PAD_ID);
        for (int row = start; row < end; row++) {
            positions[row] = row - start;
        }
        valid[sequence] = length;
        labels[sequence] = split.labels()[index];
    }

    /** Number of sequences, B. */
    public int batchSize() {
        return valid.length;
    }

    /** Number of rows in all, T. */
    public int rows() {
        return ids.length;
    }

    /** Number of rows of one sequence, pads included. */
    public int rowsOf(int sequence) {
        return starts[sequence + 1] - starts[sequence];
    }

    /** Rows of the longest sequence. */
    public int longest() {
        int most = 0;
        for (int b = 0; b < batchSize(); b++) {
            most = Math.max(most, rowsOf(b));
        }
        return most;
    }

    /** Number of (query, key) pairs of one attention head: the sum of rows² over sequences. */
    public long pairCount() {
        long pairs = 0;
        for (int b = 0; b < batchSize(); b++) {
            pairs += (long) rowsOf(b) * rowsOf(b);
        }
        return pairs;
    }
}
