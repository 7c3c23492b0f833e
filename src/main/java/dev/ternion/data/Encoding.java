package dev.ternion.data;

/**
 * The tokens of one example, special tokens included, no pads.
 *
 * @param ids token ids [length]
 * @param typeIds 0 for the first text with its [CLS] and [SEP], 1 for the second with its [SEP] [length]
 */
public record Encoding(int[] ids, int[] typeIds) {
    /** Number of tokens. */
    public int length() {
        return ids.length;
    }
}
