package dev.ternion.recipe.checkpoint;

import java.util.List;

/**
 * Where a job is when it makes a checkpoint.
 *
 * @param jobStep steps done in the whole job, rising
 * @param seed of the training under way
 * @param arms names of its arms, in the order of the snapshot; one empty name for a fine-tuning
 * @param origin why the checkpoint is made
 */
public record Moment(long jobStep, long seed, List<String> arms, Origin origin) {
    public Moment {
        arms = List.copyOf(arms);
    }
}
