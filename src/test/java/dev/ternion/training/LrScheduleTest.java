package dev.ternion.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sample multipliers of [TI] 4.3 and the corners of the schedule. */
class LrScheduleTest {
    @ParameterizedTest
    @CsvSource({"0, 0", "3, 0.5", "6, 1", "10, 0.926", "20, 0.741", "59, 0.0185", "60, 0"})
    void multiplier_publishedSamples_match(int step, double expected) {
        assertThat(LrSchedule.multiplier(step / 60.0, 0.1)).isCloseTo(expected, within(5e-4));
    }

    @Test
    void multiplier_pastTheEnd_isZeroAndNotNegative() {
        assertThat(LrSchedule.multiplier(1.5, 0.1)).isZero();
    }

    @Test
    void multiplier_withoutWarmup_startsAtThePeak() {
        assertThat(LrSchedule.multiplier(0, 0)).isEqualTo(1);
        assertThat(LrSchedule.multiplier(0.25, 0)).isEqualTo(0.75);
    }
}
