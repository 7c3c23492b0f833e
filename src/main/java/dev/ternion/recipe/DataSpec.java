package dev.ternion.recipe;

import dev.ternion.data.Padding;

/**
 * The data of a job.
 *
 * @param dataset id of an imported data set
 * @param maxLength tokens per example, pairs and special tokens included, 4 to the model's positions
 * @param padding REFERENCE (fixed length, pads take part) or MASKED (no pads)
 * @param trainRows only the first rows of the train split; 0 means all
 * @param evalRows only the first rows of the evaluation split; 0 means all
 */
public record DataSpec(String dataset, int maxLength, Padding padding, int trainRows, int evalRows) {}
