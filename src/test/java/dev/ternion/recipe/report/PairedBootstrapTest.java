package dev.ternion.recipe.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PairedBootstrapTest {
    private static final Statistic ACCURACY = (predictions, labels) -> {
        int correct = 0;
        for (int i = 0; i < labels.length; i++) {
            correct += predictions[i] == labels[i] ? 1 : 0;
        }
        return (double) correct / labels.length;
    };

    /** Predictions of labels that are all 1, right with the probability given. */
    private static float[] predictions(long seed, long stream, int size, double right) {
        int[] draws = new ResampleDraws(seed, 1_000_000, stream).indices(size, 1000);
        float[] predicted = new float[size];
        for (int i = 0; i < size; i++) {
            predicted[i] = draws[i] < 1000 * right ? 1 : 0;
        }
        return predicted;
    }

    private static float[] ones(int size) {
        return predictions(0, 0, size, 1);
    }

    private static List<SeedPredictions> runs(long world, int seeds, int size, double control, double intervention) {
        List<SeedPredictions> runs = new ArrayList<>();
        for (int s = 0; s < seeds; s++) {
            float[] a = predictions(world, 2L * s, size, control);
            float[] b = predictions(world, 2L * s + 1, size, intervention);
            runs.add(new SeedPredictions(s, a, b));
        }
        return runs;
    }

    @Test
    void aKnownDifferenceIsFound() {
        Contrast contrast =
                PairedBootstrap.standard(1).contrast("ACCURACY", ACCURACY, ones(400), runs(7, 4, 400, 0.7, 0.85));
        assertThat(contrast.estimate()).isCloseTo(0.15, within(0.04));
        assertThat(contrast.low()).isPositive().isLessThan(contrast.estimate());
        assertThat(contrast.high()).isBetween(contrast.estimate(), 0.25);
        assertThat(contrast.excludesZero()).isTrue();
        assertThat(contrast.seedsResampled()).isTrue();
        assertThat(List.of(contrast.resamples(), contrast.seeds(), contrast.examples()))
                .containsExactly(2000, 4, 400);
    }

    /** The bootstrap of a mean of paired differences has a known spread: their standard deviation / √n. */
    @Test
    void oneSeedResamplesExamplesOnlyWithTheRightWidth() {
        int size = 900;
        List<SeedPredictions> one = runs(3, 1, size, 0.6, 0.6);
        Contrast contrast = new PairedBootstrap(4000, 0.95, 5).contrast("ACCURACY", ACCURACY, ones(size), one);
        assertThat(contrast.seedsResampled()).isFalse();
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < size; i++) {
            double d = one.get(0).intervention()[i] - one.get(0).control()[i];
            sum += d;
            squares += d * d;
        }
        double spread = Math.sqrt((squares / size - Math.pow(sum / size, 2)) / size);
        assertThat(contrast.estimate()).isCloseTo(sum / size, within(1e-12));
        assertThat(contrast.high() - contrast.low()).isCloseTo(2 * 1.96 * spread, within(0.1 * 2 * 1.96 * spread));
    }

    /**
     * Arms that agree on every example differ by nothing, whatever is drawn; an unpaired bootstrap would say otherwise.
     */
    @Test
    void bothArmsGetTheSameExamples() {
        float[] same = predictions(9, 1, 50, 0.5);
        Contrast contrast = PairedBootstrap.standard(1)
                .contrast("ACCURACY", ACCURACY, ones(50), List.of(new SeedPredictions(1, same, same)));
        assertThat(contrast.low()).isZero();
        assertThat(contrast.high()).isZero();
        assertThat(contrast.excludesZero()).isFalse();
    }

    /** Seeds that disagree widen the interval although every example of a seed says the same. */
    @Test
    void seedsAreResampled() {
        List<SeedPredictions> runs = List.of(
                new SeedPredictions(1, new float[20], ones(20)), new SeedPredictions(2, new float[20], new float[20]));
        Contrast contrast = PairedBootstrap.standard(1).contrast("ACCURACY", ACCURACY, ones(20), runs);
        assertThat(contrast.estimate()).isEqualTo(0.5);
        assertThat(contrast.low()).isZero();
        assertThat(contrast.high()).isEqualTo(1);
    }

    @Test
    void withNoDifferenceTheIntervalCoversZeroAboutAsOftenAsItSays() {
        int covered = 0;
        int worlds = 300;
        for (int world = 0; world < worlds; world++) {
            Contrast contrast = new PairedBootstrap(300, 0.95, world)
                    .contrast("ACCURACY", ACCURACY, ones(150), runs(world, 1, 150, 0.7, 0.7));
            covered += contrast.excludesZero() ? 0 : 1;
        }
        assertThat(covered / (double) worlds).isBetween(0.91, 0.985);
    }

    @Test
    void sameSeedSameBytesOtherSeedOtherInterval() {
        List<SeedPredictions> runs = runs(2, 3, 60, 0.6, 0.7);
        Contrast first = PairedBootstrap.standard(11).contrast("ACCURACY", ACCURACY, ones(60), runs);
        assertThat(PairedBootstrap.standard(11).contrast("ACCURACY", ACCURACY, ones(60), runs))
                .isEqualTo(first);
        Contrast other = new PairedBootstrap(200, 0.9, 12).contrast("ACCURACY", ACCURACY, ones(60), runs);
        assertThat(other.estimate()).isEqualTo(first.estimate());
        assertThat(List.of(other.low(), other.high())).isNotEqualTo(List.of(first.low(), first.high()));
    }

    @Test
    void quantilesAreLinearBetweenOrderStatistics() {
        double[] sorted = {1, 2, 4, 8};
        assertThat(PairedBootstrap.quantile(sorted, 0)).isEqualTo(1);
        assertThat(PairedBootstrap.quantile(sorted, 0.5)).isEqualTo(3);
        assertThat(PairedBootstrap.quantile(sorted, 0.9)).isCloseTo(6.8, within(1e-12));
        assertThat(PairedBootstrap.quantile(sorted, 1)).isEqualTo(8);
    }

    @Test
    void refusesWhatCannotBeCompared() {
        PairedBootstrap bootstrap = PairedBootstrap.standard(1);
        assertThatThrownBy(() -> bootstrap.contrast("ACCURACY", ACCURACY, ones(3), runs(1, 1, 4, 0.5, 0.5)))
                .hasMessageContaining("seed 0 has 4 predictions of CONTROL and 4 of INTERVENTION, wanted 3");
        assertThatThrownBy(() -> bootstrap.contrast("ACCURACY", ACCURACY, ones(3), List.of()))
                .hasMessageContaining("0 seeds");
        assertThatThrownBy(() -> bootstrap.contrast("X", (p, y) -> Double.NaN, ones(4), runs(1, 1, 4, 0.5, 0.5)))
                .hasMessageContaining("define degenerate cases as 0");
    }
}
