package dev.ternion.quant;

import dev.ternion.tensor.ops.Attention;

/**
 * How a student is quantized. Ref: [TI] section 1
 *
 * @param weights rule for the weights of the linear layers
 * @param weightGranularity which elements share a weight scale
 * @param weightGroup elements per group when {@code weightGranularity} is GROUP; a multiple of 4 that divides every
 *     linear layer's input size
 * @param weightClip weights are clamped to ±clip before statistics; gradients pass strictly inside
 * @param activationBits bits of activation codes, 1 to 8; with 1 the inputs of linear layers are signs with step mean|x|
 *     [BWN], and attention operands have 8 bits
 * @param activationGranularity TENSOR (parity) or ROW (one scale per token; layer input sizes must then be
 *     multiples of 8)
 * @param activationClip activations are clamped to ±clip; gradients pass strictly inside
 * @param embeddings whether word embeddings are ternarized row by row
 * @param pooler whether the pooler's dense layer is quantized
 * @param attention whether Q, K, V and P are quantized before the attention products
 */
public record QuantSpec(
        WeightRule weights,
        Granularity weightGranularity,
        int weightGroup,
        double weightClip,
        int activationBits,
        Granularity activationGranularity,
        double activationClip,
        boolean embeddings,
        boolean pooler,
        boolean attention) {
    /** Most real tokens of a sequence where {@code attention} is on. */
    public static final int MOST_TOKENS = Attention.MOST_EXACT;

    /** Rule that turns fp32 weights into codes and scales. */
    public enum WeightRule {
        /** {-1, 0, 1} with the TWN threshold. Ref: [TWN] */
        TERNARY,
        /** {-1, 1} with scale mean|w|. Ref: [BWN] */
        BINARY
    }

    /** Which elements share one scale. */
    public enum Granularity {
        TENSOR,
        ROW,
        GROUP
    }

    /** The paper's quantizer: ternary weights per matrix, 8-bit activations per tensor, clip 2.5. */
    public static QuantSpec ternary() {
        return new QuantSpec(
                WeightRule.TERNARY, Granularity.TENSOR, 0, 2.5, 8, Granularity.TENSOR, 2.5, true, true, true);
    }

    /** The same with binary weights. */
    public QuantSpec withWeights(WeightRule rule) {
        return new QuantSpec(
                rule,
                weightGranularity,
                weightGroup,
                weightClip,
                activationBits,
                activationGranularity,
                activationClip,
                embeddings,
                pooler,
                attention);
    }
}
