package dev.ternion.telemetry;

/**
 * Names a series in its job.
 *
 * @param arm of the training; empty for a fine-tuning
 * @param seed of the training
 * @param metric what was measured, for example {@code loss.total}; without a slash
 */
public record SeriesKey(String arm, long seed, String metric) {
    /** Characters of a key's text. */
    public static final int LONGEST = 200;

    /** Characters of a seed and the slashes. */
    private static final int LONGEST_SEED = 22;

    public SeriesKey {
        if (metric.isEmpty() || metric.indexOf('/') >= 0 || arm.indexOf('/') >= 0) {
            throw new IllegalArgumentException("arm \"" + arm + "\", metric \"" + metric + "\"; wanted no / in them");
        }
        if (arm.length() + metric.length() + LONGEST_SEED > LONGEST) {
            throw new IllegalArgumentException("arm and metric have " + (arm.length() + metric.length())
                    + " characters, wanted at most " + (LONGEST - LONGEST_SEED));
        }
    }

    /** {@code arm/seed/metric}, or {@code seed/metric} without an arm. */
    public String text() {
        return (arm.isEmpty() ? "" : arm + "/") + seed + "/" + metric;
    }

    /**
     * The key of a text.
     *
     * @throws IllegalArgumentException if it is not one
     */
    public static SeriesKey parse(String text) {
        String[] parts = text.split("/", -1);
        if (parts.length < 2 || parts.length > 3) {
            throw new IllegalArgumentException("\"" + text + "\", wanted ARM/SEED/METRIC or SEED/METRIC");
        }
        return new SeriesKey(
                parts.length == 3 ? parts[0] : "", Long.parseLong(parts[parts.length - 2]), parts[parts.length - 1]);
    }
}
