package dev.ternion.training;

/**
 * Optimizer and learning-rate schedule: linear warm-up over {@code warmup} of the steps, then linear decay to 0.
 *
 * @param kind update rule
 * @param learningRate peak rate
 * @param warmup fraction of the steps spent warming up, in [0, 1)
 * @param weightDecay decay of everything but biases and layer norms
 * @param maxGradNorm gradient clip: per tensor for BERT_ADAM, over all tensors for ADAMW; 0 switches it off
 * @param headMultiplier factor on the rate of pooler and classifier
 */
public record OptimizerSpec(
        Kind kind, double learningRate, double warmup, double weightDecay, double maxGradNorm, double headMultiplier) {

    /** Update rules. */
    public enum Kind {
        /** No bias correction, per-tensor step counters and clipping. Ref: [BERTADAM], [TI] 4.3 */
        BERT_ADAM,
        /** Decoupled decay; bias correction by each tensor's own updates; the rate follows the step. Ref: [ADAMW] */
        ADAMW
    }

    /** BertAdam as in the TI release, lr 2e-5. */
    public static OptimizerSpec bertAdam(double learningRate) {
        return new OptimizerSpec(Kind.BERT_ADAM, learningRate, 0.1, 0.01, 1, 1);
    }
}
