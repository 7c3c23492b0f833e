package dev.ternion.training.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MetricKindTest {
    private static final Offset<Double> TIGHT = within(1e-12);

    private static float[] f(double... values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    private static double value(MetricKind kind, float[] predictions, float[] labels) {
        MetricValue value = kind.compute(predictions, labels);
        assertThat(value.degenerate()).isFalse();
        return value.value();
    }

    /** TP 2, FN 1, FP 1, TN 3: accuracy 5/7, F1 4/6, Matthews (2·3 − 1·1) / √(3·3·4·4) = 5/12. */
    @Test
    void binaryByHand() {
        float[] predicted = f(1, 1, 0, 1, 0, 0, 0);
        float[] labels = f(1, 1, 1, 0, 0, 0, 0);
        assertThat(value(MetricKind.ACCURACY, predicted, labels)).isCloseTo(5 / 7.0, TIGHT);
        assertThat(value(MetricKind.F1, predicted, labels)).isCloseTo(2 / 3.0, TIGHT);
        assertThat(value(MetricKind.MATTHEWS, predicted, labels)).isCloseTo(5 / 12.0, TIGHT);
        assertThat(value(MetricKind.ACCURACY_F1_MEAN, predicted, labels)).isCloseTo((5 / 7.0 + 2 / 3.0) / 2, TIGHT);
    }

    /** c = 2, n = 3, p = (1, 1, 1), t = (2, 1, 0): (6 − 3) / √(6 · 4). */
    @Test
    void matthewsOfThreeClasses() {
        assertThat(value(MetricKind.MATTHEWS, f(0, 1, 2), f(0, 1, 0))).isCloseTo(3 / Math.sqrt(24), TIGHT);
    }

    @Test
    void perfectAndOpposite() {
        float[] labels = f(0, 1, 1, 0);
        assertThat(value(MetricKind.MATTHEWS, labels, labels)).isCloseTo(1, TIGHT);
        assertThat(value(MetricKind.MATTHEWS, f(1, 0, 0, 1), labels)).isCloseTo(-1, TIGHT);
        assertThat(value(MetricKind.F1, f(1, 0, 0, 1), labels)).isZero();
        assertThat(value(MetricKind.PEARSON, f(0.1, 0.2, 0.3), f(1, 2, 3))).isCloseTo(1, within(1e-7));
    }

    /** Deviations (−1.5, −0.5, 0.5, 1.5) and (−1, −2, 1, 2): 6 / √(5 · 10). */
    @Test
    void pearsonByHand() {
        assertThat(value(MetricKind.PEARSON, f(1, 2, 3, 4), f(2, 1, 4, 5))).isCloseTo(6 / Math.sqrt(50), TIGHT);
    }

    /** Ranks (1, 2.5, 2.5, 4) and (1, 3, 2, 4): 4.5 / √(4.5 · 5). The formula 1 − 6Σd²/… would say 0.95. */
    @Test
    void spearmanSharesRanksOfTies() {
        assertThat(Correlation.ranks(f(10, 20, 20, 1000))).containsExactly(1, 2.5, 2.5, 4);
        assertThat(Correlation.ranks(f(0.0, -0.0, -5, 3, -7))).containsExactly(3.5, 3.5, 2, 5, 1);
        assertThat(Correlation.ranks(f(2, 2, 2))).containsExactly(2, 2, 2);
        double tied = value(MetricKind.SPEARMAN, f(10, 20, 20, 1000), f(1, 3, 2, 4));
        assertThat(tied).isCloseTo(4.5 / Math.sqrt(22.5), TIGHT);
        assertThat(value(MetricKind.SPEARMAN, f(1, 10, 100, 1e6), f(1, 2, 3, 4)))
                .isCloseTo(1, TIGHT);
        double pearson = value(MetricKind.PEARSON, f(10, 20, 20, 1000), f(1, 3, 2, 4));
        assertThat(value(MetricKind.PEARSON_SPEARMAN_MEAN, f(10, 20, 20, 1000), f(1, 3, 2, 4)))
                .isCloseTo((tied + pearson) / 2, TIGHT);
    }

    @Test
    void degenerateCasesAreZeroAndSaySo() {
        MetricValue zero = new MetricValue(0, true);
        assertThat(MetricKind.MATTHEWS.compute(f(1, 1, 1), f(1, 0, 1))).isEqualTo(zero);
        assertThat(MetricKind.MATTHEWS.compute(f(1, 0, 1), f(1, 1, 1))).isEqualTo(zero);
        assertThat(MetricKind.F1.compute(f(0, 0), f(0, 0))).isEqualTo(zero);
        assertThat(MetricKind.PEARSON.compute(f(0.1, 0.1, 0.1), f(1, 2, 3))).isEqualTo(zero);
        assertThat(MetricKind.SPEARMAN.compute(f(1, 2, 3), f(0.7, 0.7, 0.7))).isEqualTo(zero);
        assertThat(MetricKind.PEARSON.compute(f(3), f(4))).isEqualTo(zero);
        assertThat(MetricKind.ACCURACY_F1_MEAN.compute(f(0, 0), f(0, 0))).isEqualTo(new MetricValue(0.5, true));
    }

    /** The counts of BERT-base predictions on CoLA dev would overflow an int: 1043⁴ and more. */
    @Test
    void largeCountsDoNotOverflow() {
        float[] labels = new float[400_000];
        float[] predicted = new float[400_000];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = i % 2;
            predicted[i] = i % 4 == 3 ? 0 : labels[i];
        }
        assertThat(value(MetricKind.MATTHEWS, predicted, labels)).isCloseTo(1 / Math.sqrt(3), within(1e-9));
    }

    @ParameterizedTest
    @EnumSource
    void everyMetricRefusesWhatItCannotScore(MetricKind kind) {
        assertThatThrownBy(() -> kind.compute(f(), f())).hasMessageContaining("0 predictions and 0 labels");
        assertThatThrownBy(() -> kind.compute(f(1), f(1, 0))).hasMessageContaining("1 predictions and 2 labels");
        assertThatThrownBy(() -> kind.compute(f(1, Double.NaN), f(1, 0)))
                .hasMessageContaining("prediction of example 1 is NaN");
    }

    @Test
    void classesMustBeIndicesAndF1Binary() {
        assertThatThrownBy(() -> MetricKind.ACCURACY.compute(f(0.5), f(1))).hasMessageContaining("take the argmax");
        assertThatThrownBy(() -> MetricKind.MATTHEWS.compute(f(-1), f(1))).hasMessageContaining("is -1.0");
        assertThatThrownBy(() -> MetricKind.F1.compute(f(2), f(1))).hasMessageContaining("3 classes, wanted two");
    }
}
