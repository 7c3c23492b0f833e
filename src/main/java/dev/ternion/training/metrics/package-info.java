/**
 * Scores of predictions against labels: pure functions in double precision, the same on every machine.
 *
 * <p>Per-example predictions are kept ({@link dev.ternion.training.metrics.Predictions}), because the confidence
 * intervals of a report resample them.
 */
package dev.ternion.training.metrics;
