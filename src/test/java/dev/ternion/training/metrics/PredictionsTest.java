package dev.ternion.training.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PredictionsTest {
    @Test
    void argmaxTakesTheFirstOfEquals() {
        float[] logits_NC = {0.1f, 0.2f, -1, 3, 3, 2, -5, -4, -4};
        assertThat(Predictions.argmax(logits_NC, 3)).containsExactly(1, 0, 1);
        float[] infinite = {Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY};
        assertThat(Predictions.argmax(infinite, 2)).containsExactly(0);
    }

    @Test
    void batchesJoinInOrderAndAreScored() {
        Predictions first = Predictions.fromLogits(new float[] {0, 1, 1, 0}, new float[] {1, 1});
        Predictions both = first.then(Predictions.fromLogits(new float[] {5, 2}, new float[] {0}));
        assertThat(both.values()).containsExactly(1, 0, 0);
        assertThat(both.labels()).containsExactly(1, 1, 0);
        assertThat(both.score(MetricKind.ACCURACY).value()).isEqualTo(2 / 3.0);
    }

    @Test
    void oneLogitEachIsRegression() {
        Predictions predictions = Predictions.fromLogits(new float[] {0.5f, 4.25f}, new float[] {1, 4});
        assertThat(predictions.values()).containsExactly(0.5f, 4.25f);
    }

    @Test
    void refusesNaNAndUnevenRows() {
        assertThatThrownBy(() -> Predictions.argmax(new float[] {0, 0, 0, Float.NaN}, 2))
                .hasMessageContaining("logit 1 of example 1 is NaN");
        assertThatThrownBy(() -> Predictions.fromLogits(new float[3], new float[2]))
                .hasMessageContaining("3 logits for 2 labels");
    }
}
