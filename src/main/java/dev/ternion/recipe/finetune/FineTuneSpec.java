package dev.ternion.recipe.finetune;

import dev.ternion.recipe.Budget;
import dev.ternion.recipe.CheckpointSpec;
import dev.ternion.recipe.DataSpec;
import dev.ternion.recipe.JobSpec;
import dev.ternion.training.OptimizerSpec;

/**
 * Fine-tunes a full-precision encoder on a task; the result can be the teacher of a QAT job.
 *
 * @param model id of an imported encoder or of an earlier job's model
 * @param data task data
 * @param pooling how a sentence vector is made; null means POOLER when the encoder has one, else MEAN
 * @param budget steps, batch, evaluation cadence
 * @param optimizer update rule and schedule
 * @param dropout dropout probability of hidden states and attention maps, [0, 1)
 * @param seed seed of data order, new head weights and dropout
 * @param outputModel id under which the model is stored
 * @param device "cpu" or "cuda:N"
 * @param deviceMemoryMib limit of memory on the device in MiB; 0 for none
 * @param checkpoints when they are made, which stay, and the one at which the job begins
 */
public record FineTuneSpec(
        String model,
        DataSpec data,
        Pooling pooling,
        Budget budget,
        OptimizerSpec optimizer,
        double dropout,
        long seed,
        String outputModel,
        String device,
        int deviceMemoryMib,
        CheckpointSpec checkpoints)
        implements JobSpec {
    /** With the usual checkpoints. */
    public FineTuneSpec(
            String model,
            DataSpec data,
            Pooling pooling,
            Budget budget,
            OptimizerSpec optimizer,
            double dropout,
            long seed,
            String outputModel,
            String device,
            int deviceMemoryMib) {
        this(
                model,
                data,
                pooling,
                budget,
                optimizer,
                dropout,
                seed,
                outputModel,
                device,
                deviceMemoryMib,
                CheckpointSpec.USUAL);
    }

    /** How hidden states become one vector per example. */
    public enum Pooling {
        /** tanh(dense([CLS])). */
        POOLER,
        /** Mean over the valid tokens. */
        MEAN
    }
}
