package dev.ternion.recipe;

/**
 * How long a training runs and how often it is evaluated.
 *
 * @param batchSize examples per optimizer step
 * @param epochs passes over the train split, used when {@code steps} is 0
 * @param steps optimizer steps; 0 means from {@code epochs}
 * @param evalEvery steps between evaluations; 0 means only at the end
 */
public record Budget(int batchSize, double epochs, int steps, int evalEvery) {
    /** Optimizer steps over {@code rows} training rows. */
    public int totalSteps(int rows) {
        int perEpoch = (rows + batchSize - 1) / batchSize;
        return steps > 0 ? steps : (int) Math.ceil(perEpoch * epochs);
    }
}
