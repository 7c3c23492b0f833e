package dev.ternion.training;

/**
 * Weights of the distillation losses; 0 switches a part off. Ref: [TI] section 3
 *
 * @param prediction soft cross entropy (MSE for regression) against the teacher's logits
 * @param representation sum over X_0 .. X_L of MSE of hidden states
 * @param scores sum over layers of MSE of attention scores
 * @param output sum over layers of MSE of the attention block's output after layer norm
 * @param mapKl sum over layers of KL of attention maps
 * @param groundTruth cross entropy (MSE for regression) against the labels
 * @param predictionPerClass divides the prediction loss by the number of classes, as TernaryBERT does
 */
public record LossWeights(
        double prediction,
        double representation,
        double scores,
        double output,
        double mapKl,
        double groundTruth,
        boolean predictionPerClass) {

    /** The losses of the Teacher Intervention release. */
    public static LossWeights tiRelease() {
        return new LossWeights(1, 1, 1, 1, 0, 0, false);
    }

    /** The losses of TernaryBERT: no output loss, prediction loss per class. Ref: [TERNARYBERT], [TI] 3.2 */
    public static LossWeights ternaryBert() {
        return new LossWeights(1, 1, 1, 0, 0, 0, true);
    }

    /** The map-KL variant: the map loss in place of the score loss. Ref: [TI] 3.2 */
    public static LossWeights mapKlVariant() {
        return new LossWeights(1, 1, 0, 1, 1, 0, false);
    }
}
