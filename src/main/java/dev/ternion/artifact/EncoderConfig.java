package dev.ternion.artifact;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Shape of a BERT encoder, in Hugging Face's terms.
 *
 * @param modelType {@code bert}
 * @param vocabSize rows of the word embeddings
 * @param hiddenSize width of the residual stream; a multiple of {@code heads}
 * @param intermediateSize width inside the feed-forward part
 * @param maxPositions longest sequence, in tokens
 * @param layerNormEps added to the variance
 * @param hiddenDropout probability, 0 or more and less than 1
 * @param attentionDropout probability, 0 or more and less than 1
 * @param hasPooler whether {@code pooler.dense} is there; key {@code has_pooler}, true where a config does not say
 */
public record EncoderConfig(
        String modelType,
        int vocabSize,
        int hiddenSize,
        int layers,
        int heads,
        int intermediateSize,
        int maxPositions,
        int typeVocabSize,
        double layerNormEps,
        double hiddenDropout,
        double attentionDropout,
        boolean hasPooler) {

    /** The only model type so far. */
    public static final String BERT = "bert";

    /**
     * Reads a Hugging Face {@code config.json}.
     *
     * @throws ArtifactException with every problem at once: missing fields, wrong types, values out of range, an
     *     activation other than the exact gelu
     */
    public static EncoderConfig fromJson(Path file) throws IOException {
        return EncoderConfigJson.read(file);
    }

    /** The same keys as Hugging Face's, sorted as they are there, with a line break at the end. */
    public String toJson() {
        return EncoderConfigJson.write(this).toPrettyString() + "\n";
    }

    /**
     * Infers the shape from tensors with Hugging Face names (no prefix). Epsilon and dropouts, which no tensor tells,
     * are BERT's: 1e-12 and 0.1.
     *
     * @param heads heads, or 0 to take {@link #usualHeads}
     * @throws ArtifactException with every tensor that is missing or of another rank
     */
    public static EncoderConfig fromTensors(TensorSource tensors, int heads) throws IOException {
        return BertShapes.infer(tensors, heads);
    }

    /**
     * Heads of the published encoders of a width, for files that do not say: 128→2, 256→4, 312→12, 384→12, 512→8,
     * 768→12, 1024→16; any other multiple of 64 has heads of 64; 0 where there is no guess.
     */
    public static int usualHeads(int hiddenSize) {
        return switch (hiddenSize) {
            case 312, 384 -> 12;
            default -> hiddenSize > 0 && hiddenSize % 64 == 0 ? hiddenSize / 64 : 0;
        };
    }

    EncoderConfig withPooler(boolean pooler) {
        return new EncoderConfig(
                modelType,
                vocabSize,
                hiddenSize,
                layers,
                heads,
                intermediateSize,
                maxPositions,
                typeVocabSize,
                layerNormEps,
                hiddenDropout,
                attentionDropout,
                pooler);
    }
}
