package dev.ternion.recipe.report;

import java.util.Arrays;

/**
 * A score over seeds.
 *
 * @param seeds how many
 * @param mean arithmetic mean
 * @param standardDeviation of the sample, with seeds − 1 in the denominator; 0 for one seed
 * @param min least
 * @param max greatest
 */
public record SeedSummary(int seeds, double mean, double standardDeviation, double min, double max) {
    /** Summarizes the scores of one or more seeds. */
    public static SeedSummary of(double... scores) {
        if (scores.length == 0) {
            throw new IllegalArgumentException("no scores, wanted those of one seed or more");
        }
        double mean = Arrays.stream(scores).sum() / scores.length;
        double squares = Arrays.stream(scores).map(s -> (s - mean) * (s - mean)).sum();
        double deviation = scores.length == 1 ? 0 : Math.sqrt(squares / (scores.length - 1));
        return new SeedSummary(
                scores.length,
                mean,
                deviation,
                Arrays.stream(scores).min().getAsDouble(),
                Arrays.stream(scores).max().getAsDouble());
    }
}
