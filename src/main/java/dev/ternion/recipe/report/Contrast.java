package dev.ternion.recipe.report;

/**
 * By how much INTERVENTION exceeds CONTROL, with a percentile bootstrap interval.
 *
 * @param metric name of the metric
 * @param estimate mean over seeds of the difference of the scores
 * @param low lower end of the interval
 * @param high upper end of the interval
 * @param resamples bootstrap resamples behind the interval
 * @param seeds seeds behind the estimate
 * @param examples evaluation examples behind each score
 * @param seedsResampled false with one seed: the interval then says nothing of how results vary over seeds
 */
public record Contrast(
        String metric,
        double estimate,
        double low,
        double high,
        int resamples,
        int seeds,
        int examples,
        boolean seedsResampled) {
    /** Whether the interval lies wholly above or below 0. */
    public boolean excludesZero() {
        return low > 0 || high < 0;
    }
}
