/**
 * Quantizers: what is quantized and how, and their application to activations and weights with straight-through gradients.
 *
 * <p>Entry: {@link dev.ternion.quant.Quantizer}. May import {@code tensor} and the handles of {@code backend}. Source: [TI] section 1.
 */
package dev.ternion.quant;
