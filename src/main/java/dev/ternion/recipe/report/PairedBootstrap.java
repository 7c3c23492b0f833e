package dev.ternion.recipe.report;

import java.util.Arrays;
import java.util.List;

/**
 * Confidence interval of INTERVENTION − CONTROL over seeds × examples, by the percentile bootstrap [BOOTSTRAP].
 *
 * <p>Each resample draws seeds with replacement, and examples with replacement: one draw of examples for both arms and
 * all seeds, because they are all evaluated on the same examples. The resampled contrast is the mean over the drawn
 * seeds of the difference of the two scores. Undefined where a score of a resample is not finite: define it (as 0) in
 * the statistic.
 */
public final class PairedBootstrap {
    /** Resamples of a report. */
    public static final int DEFAULT_RESAMPLES = 2000;
    /** Confidence level of a report. */
    public static final double DEFAULT_LEVEL = 0.95;

    private static final int SEEDS = 1;
    private static final int EXAMPLES = 2;
    private final int resamples;
    private final double level;
    private final long seed;

    /**
     * A bootstrap.
     *
     * @param resamples how many, 2 or more
     * @param level share of the resamples inside the interval, between 0 and 1
     * @param seed of the draws; the same seed gives the same interval
     */
    public PairedBootstrap(int resamples, double level, long seed) {
        if (resamples < 2 || !(level > 0 && level < 1)) {
            throw new IllegalArgumentException(
                    resamples + " resamples at level " + level + ", wanted 2 or more, at a level between 0 and 1");
        }
        this.resamples = resamples;
        this.level = level;
        this.seed = seed;
    }

    /** 2000 resamples, 95 %. */
    public static PairedBootstrap standard(long seed) {
        return new PairedBootstrap(DEFAULT_RESAMPLES, DEFAULT_LEVEL, seed);
    }

    /**
     * The contrast of two arms.
     *
     * @param metric name for the result
     * @param statistic the score
     * @param labels labels of the evaluation examples [N]
     * @param seeds both arms' predictions for each seed, one or more
     */
    public Contrast contrast(String metric, Statistic statistic, float[] labels, List<SeedPredictions> seeds) {
        requireAligned(labels, seeds);
        double estimate = seeds.stream()
                        .mapToDouble(s -> difference(metric, statistic, s.control(), s.intervention(), labels))
                        .sum()
                / seeds.size();
        double[] draws = new double[resamples];
        for (int r = 0; r < resamples; r++) {
            draws[r] = resample(r, metric, statistic, labels, seeds);
        }
        Arrays.sort(draws);
        double tail = (1 - level) / 2;
        return new Contrast(
                metric,
                estimate,
                quantile(draws, tail),
                quantile(draws, 1 - tail),
                resamples,
                seeds.size(),
                labels.length,
                seeds.size() > 1);
    }

    private double resample(int r, String metric, Statistic statistic, float[] labels, List<SeedPredictions> seeds) {
        int[] chosen = new ResampleDraws(seed, r, SEEDS).indices(seeds.size(), seeds.size());
        int[] examples = new ResampleDraws(seed, r, EXAMPLES).indices(labels.length, labels.length);
        float[] drawnLabels = gather(labels, examples);
        int[] times = new int[seeds.size()];
        Arrays.stream(chosen).forEach(s -> times[s]++);
        double sum = 0;
        for (int s = 0; s < times.length; s++) {
            if (times[s] > 0) {
                float[] control = gather(seeds.get(s).control(), examples);
                float[] intervention = gather(seeds.get(s).intervention(), examples);
                sum += times[s] * difference(metric, statistic, control, intervention, drawnLabels);
            }
        }
        return sum / seeds.size();
    }

    private static double difference(
            String metric, Statistic statistic, float[] control, float[] intervention, float[] labels) {
        double difference = statistic.of(intervention, labels) - statistic.of(control, labels);
        if (!Double.isFinite(difference)) {
            throw new IllegalArgumentException(metric + " of a resample gave the difference " + difference
                    + ", wanted a finite number: let the statistic define degenerate cases as 0");
        }
        return difference;
    }

    private static float[] gather(float[] values, int[] indices) {
        float[] gathered = new float[indices.length];
        for (int i = 0; i < indices.length; i++) {
            gathered[i] = values[indices[i]];
        }
        return gathered;
    }

    /** Quantile of sorted values, linear between order statistics (the default of R and NumPy). */
    static double quantile(double[] sorted, double share) {
        double position = share * (sorted.length - 1);
        int below = (int) Math.floor(position);
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }

    private static void requireAligned(float[] labels, List<SeedPredictions> seeds) {
        if (labels.length == 0 || seeds.isEmpty()) {
            throw new IllegalArgumentException(
                    labels.length + " examples and " + seeds.size() + " seeds, wanted one or more of each");
        }
        for (SeedPredictions s : seeds) {
            if (s.control().length != labels.length || s.intervention().length != labels.length) {
                throw new IllegalArgumentException("seed " + s.seed() + " has " + s.control().length
                        + " predictions of CONTROL and " + s.intervention().length + " of INTERVENTION, wanted "
                        + labels.length + " of each, as there are labels");
            }
        }
    }
}
