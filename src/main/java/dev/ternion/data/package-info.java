/**
 * Task files, tokenizers and batches: from a file on disk to the packed tokens of one training step.
 *
 * <p>Reading is bounded and validates everything ({@link dev.ternion.data.DatasetException} lists all bad rows); the
 * order of examples is a pure function of (seed, step) ({@link dev.ternion.data.BatchOrder}), so every arm of a job and
 * every resumed attempt sees the same batches. Nothing here reads a clock, starts a thread or opens a network
 * connection.
 */
package dev.ternion.data;
