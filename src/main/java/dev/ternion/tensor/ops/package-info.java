/** One record per differentiable operation: {@code of} computes forward and records, {@code backward} adds gradients. */
package dev.ternion.tensor.ops;
