package dev.ternion.recipe.report;

/**
 * What the two arms of one seed predict for the same evaluation examples.
 *
 * @param seed the training seed
 * @param control predictions of CONTROL [N]
 * @param intervention predictions of INTERVENTION [N]
 */
public record SeedPredictions(long seed, float[] control, float[] intervention) {}
