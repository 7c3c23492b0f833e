package dev.ternion.training;

import java.util.Map;

/**
 * What a training needs to go on with the same bytes: batches, dropout and sites are functions of (seed, step), and codes are
 * made of the weights. Its values are those of the training at the time they are read.
 *
 * @param step steps done
 * @param weights latent weights by parameter
 * @param optimizer of the phase that the last step was in
 */
public record TrainingState(int step, Map<String, TensorValues> weights, OptimizerState optimizer) {
    public TrainingState {
        weights = Map.copyOf(weights);
    }
}
