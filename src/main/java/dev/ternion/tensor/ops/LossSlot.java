package dev.ternion.tensor.ops;

import dev.ternion.backend.Block;

/**
 * Where a loss part is written, and how much it weighs in the total.
 *
 * @param values F64 block
 * @param index element of {@code values}
 * @param weight factor of this part in the total loss
 */
public record LossSlot(Block values, int index, double weight) {}
