package dev.ternion.recipe.evaluate;

import dev.ternion.recipe.DataSpec;
import dev.ternion.recipe.JobSpec;

/**
 * Evaluates a model, full-precision or quantized, on the evaluation split of a data set.
 *
 * @param model id of a fine-tuned model or of a student
 * @param data task data
 * @param batchSize examples per forward pass; with quantized activations the scale is per batch, so it matters
 * @param device "cpu" or "cuda:N"
 * @param deviceMemoryMib limit of memory on the device in MiB; 0 for none
 */
public record EvaluateSpec(String model, DataSpec data, int batchSize, String device, int deviceMemoryMib)
        implements JobSpec {}
