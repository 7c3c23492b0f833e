package dev.ternion.recipe.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class SeedSummaryTest {
    @Test
    void byHand() {
        SeedSummary summary = SeedSummary.of(2, 4, 4, 6);
        assertThat(summary.mean()).isEqualTo(4);
        assertThat(summary.standardDeviation()).isCloseTo(Math.sqrt(8 / 3.0), within(1e-12));
        assertThat(summary.min()).isEqualTo(2);
        assertThat(summary.max()).isEqualTo(6);
        assertThat(SeedSummary.of(0.5)).isEqualTo(new SeedSummary(1, 0.5, 0, 0.5, 0.5));
        assertThatThrownBy(SeedSummary::of).hasMessageContaining("no scores");
    }
}
