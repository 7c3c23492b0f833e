/**
 * Building blocks of encoders. The full-precision teacher and the quantized student are the same classes with and without
 * a {@link dev.ternion.quant.QuantSpec}.
 *
 * <p>Entry: {@link dev.ternion.model.bert.BertModel}. May import {@code quant}, {@code intervention}, {@code
 * tensor} and the handles of {@code backend}.
 * Letters in names: B batch, T token rows, D hidden, H heads, F feed-forward, P pairs (map elements), C classes.
 */
package dev.ternion.model;
