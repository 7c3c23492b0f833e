package dev.ternion.tensor;

import static org.assertj.core.api.Assertions.assertThat;

/** Comparisons of arrays with one form of message. */
public final class Compare {
    private Compare() {}

    /** |seen - wanted| / |wanted| in the Euclidean norm; absolute when wanted is 0. */
    public static double relative(double[] seen, double[] wanted) {
        assertThat(seen).hasSameSizeAs(wanted);
        double difference = 0, norm = 0;
        for (int i = 0; i < seen.length; i++) {
            difference += (seen[i] - wanted[i]) * (seen[i] - wanted[i]);
            norm += wanted[i] * wanted[i];
        }
        return norm == 0 ? Math.sqrt(difference) : Math.sqrt(difference / norm);
    }

    public static void close(String what, double[] seen, double[] wanted, double tolerance) {
        double distance = relative(seen, wanted);
        assertThat(distance <= tolerance)
                .as("%s: relative distance %.3g, wanted at most %.1g", what, distance, tolerance)
                .isTrue();
    }

    /** Equal bit for bit, 0 and -0 told apart. */
    public static void sameBytes(String what, double[] seen, double[] wanted) {
        if (seen == null || wanted == null) {
            assertThat(seen).as("%s", what).isEqualTo(wanted);
            return;
        }
        assertThat(seen).as("%s", what).hasSameSizeAs(wanted);
        for (int i = 0; i < seen.length; i++) {
            if (Double.doubleToRawLongBits(seen[i]) != Double.doubleToRawLongBits(wanted[i])) {
                throw new AssertionError(
                        what + ": element " + i + " of " + seen.length + " is " + seen[i] + ", wanted " + wanted[i]);
            }
        }
    }
}
