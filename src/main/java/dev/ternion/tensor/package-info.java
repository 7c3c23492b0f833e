/**
 * Shapes, tensors, the tape and the differentiable operations.
 *
 * <p>Entry: {@link dev.ternion.tensor.Tape}. May import {@code backend}. One thread per device.
 */
package dev.ternion.tensor;
