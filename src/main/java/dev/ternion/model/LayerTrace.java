package dev.ternion.model;

import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.ops.ScoreMap;

/**
 * Signals of one encoder layer; absent ones are null. Ref: [TI] 0.1
 *
 * @param scores AS, scaled dot products [P]
 * @param map SA, softmax of the scores before dropout [P]
 * @param context AC, map times values [T, D]
 * @param output AO, attention dense output before dropout and residual [T, D]
 * @param attention ATT, layer norm of output plus input [T, D]
 * @param hidden X_{l+1}, the layer's result [T, D]
 * @param operands the scores by their operands, q and k [T, D] each
 */
public record LayerTrace(
        Tensor scores, Tensor map, Tensor context, Tensor output, Tensor attention, Tensor hidden, ScoreMap operands) {}
