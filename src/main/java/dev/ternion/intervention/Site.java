package dev.ternion.intervention;

/**
 * Where in a self-attention layer a signal can be replaced by the teacher's. {@link #SCORES} carries a loss only; the
 * other three can be intervened on. Ref: [TI] 0.1, 2.1
 */
public enum Site {
    /** Scaled dot products before softmax. */
    SCORES,
    /** Attention probabilities after softmax. */
    MAP,
    /** Map times values, heads side by side. */
    CONTEXT,
    /** Output of the attention's dense layer, before dropout, residual and layer norm. */
    OUTPUT
}
