package dev.ternion.model;

import dev.ternion.tensor.Tensor;
import java.util.List;

/**
 * Signals of a whole forward pass.
 *
 * @param embeddings X_0 [T, D]; null when not kept
 * @param layers one per encoder layer
 * @param pooled sentence vectors [B, D]
 * @param logits [B, C]; null for an encoder without a head
 */
public record Trace(Tensor embeddings, List<LayerTrace> layers, Tensor pooled, Tensor logits) {
    public Trace {
        layers = List.copyOf(layers);
    }
}
