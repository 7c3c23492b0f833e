package dev.ternion.data;

import java.util.List;

/**
 * A tokenized split, N examples.
 *
 * @param ids token ids of each example, special tokens included, no pads [N][length]
 * @param typeIds segment of each token, 0 or 1 [N][length]
 * @param labels class index or target of each example [N]
 */
public record EncodedSplit(int[][] ids, int[][] typeIds, float[] labels) {
    /** Refuses arrays of different lengths. */
    public EncodedSplit {
        if (ids.length != typeIds.length || ids.length != labels.length) {
            throw new IllegalArgumentException("split has " + ids.length + " ids, " + typeIds.length + " type ids and "
                    + labels.length + " labels, wanted the same number");
        }
        for (int i = 0; i < ids.length; i++) {
            if (ids[i].length == 0 || ids[i].length != typeIds[i].length) {
                throw new IllegalArgumentException("example " + i + " has " + ids[i].length + " ids and "
                        + typeIds[i].length + " type ids, wanted the same number, one or more");
            }
        }
    }

    /** Tokenizes examples to at most {@code maxLength} tokens each. */
    public static EncodedSplit of(BertTokenizer tokenizer, List<Example> examples, int maxLength) {
        List<Encoding> encodings = tokenizer.encode(examples, maxLength);
        int[][] ids = encodings.stream().map(Encoding::ids).toArray(int[][]::new);
        int[][] typeIds = encodings.stream().map(Encoding::typeIds).toArray(int[][]::new);
        float[] labels = new float[examples.size()];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = examples.get(i).label();
        }
        return new EncodedSplit(ids, typeIds, labels);
    }

    /** Number of examples, N. */
    public int size() {
        return ids.length;
    }

    /** Number of tokens of one example. */
    public int length(int index) {
        return ids[index].length;
    }

    /** Number of tokens of each example [N]. */
    public int[] lengths() {
        int[] lengths = new int[size()];
        for (int i = 0; i < lengths.length; i++) {
            lengths[i] = length(i);
        }
        return lengths;
    }

    /** Number of tokens in all. */
    public long tokens() {
        long tokens = 0;
        for (int[] sequence : ids) {
            tokens += sequence.length;
        }
        return tokens;
    }
}
