package dev.ternion.model.bert;

/**
 * Sizes of a BERT encoder and its head.
 *
 * @param vocabulary word embeddings
 * @param positions position embeddings, the longest sequence
 * @param types token-type embeddings
 * @param hidden D
 * @param layers encoder layers
 * @param heads attention heads, a divisor of {@code hidden}
 * @param feedForward F
 * @param eps layer-norm epsilon
 * @param pooling how sentence vectors are made
 * @param outputs classes, 1 for regression, 0 for an encoder without a head
 */
public record BertConfig(
        int vocabulary,
        int positions,
        int types,
        int hidden,
        int layers,
        int heads,
        int feedForward,
        double eps,
        Pooling pooling,
        int outputs) {
    public BertConfig {
        if (heads < 1 || hidden % heads != 0) {
            throw new IllegalArgumentException("hidden size " + hidden + " is not a multiple of " + heads + " heads");
        }
    }

    /** How hidden states become one vector per sequence. */
    public enum Pooling {
        /** tanh(dense([CLS])). */
        POOLER,
        /** The hidden state of [CLS]. */
        CLS,
        /** Mean over valid tokens. */
        MEAN
    }

    /** Size of one head. */
    public int headSize() {
        return hidden / heads;
    }

    /** The same encoder with another head. */
    public BertConfig withHead(Pooling newPooling, int newOutputs) {
        return new BertConfig(
                vocabulary, positions, types, hidden, layers, heads, feedForward, eps, newPooling, newOutputs);
    }
}
