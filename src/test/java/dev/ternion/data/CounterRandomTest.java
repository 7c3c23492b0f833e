package dev.ternion.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CounterRandomTest {
    @Test
    void isAPureFunctionOfSeedPurposeAndCounter() {
        CounterRandom one = CounterRandom.of(7, 1, 3);
        long at5 = one.bits(5);
        one.bits(6);
        assertThat(CounterRandom.of(7, 1, 3).bits(5)).isEqualTo(at5);
        assertThat(CounterRandom.of(8, 1, 3).bits(5)).isNotEqualTo(at5);
        assertThat(CounterRandom.of(7, 2, 3).bits(5)).isNotEqualTo(at5);
        assertThat(CounterRandom.of(7, 1, 4).bits(5)).isNotEqualTo(at5);
        assertThat(CounterRandom.of(7, 3, 1).bits(5)).isNotEqualTo(at5);
    }

    /** Changing these numbers, computed apart from this code, changes the data order of every job ever run. */
    @Test
    void valuesAreFrozen() {
        assertThat(CounterRandom.of(0).bits(0)).isEqualTo(splitMix(splitMix(0)));
        assertThat(CounterRandom.of(42, CounterRandom.BATCH_ORDER, 0).permutation(8))
                .containsExactly(3, 7, 6, 5, 2, 4, 1, 0);
    }

    /** The published SplitMix64 step from a state. */
    private static long splitMix(long state) {
        long z = state + 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    @Test
    void boundedNumbersAreUniform() {
        int[] counts = new int[6];
        CounterRandom random = CounterRandom.of(1, 9);
        for (int i = 0; i < 60_000; i++) {
            counts[random.below(6, i)]++;
        }
        double chi = Arrays.stream(counts)
                .mapToDouble(c -> Math.pow(c - 10_000, 2) / 10_000)
                .sum();
        assertThat(chi).as("chi square, 5 degrees of freedom").isLessThan(20.5);
    }

    @Test
    void everyPermutationOfThreeComesUpEquallyOften() {
        int[] counts = new int[27];
        for (int i = 0; i < 6000; i++) {
            int[] p = CounterRandom.of(3, i).permutation(3);
            counts[p[0] * 9 + p[1] * 3 + p[2]]++;
        }
        int[] seen = Arrays.stream(counts).filter(c -> c > 0).toArray();
        assertThat(seen).hasSize(6);
        assertThat(Arrays.stream(seen)).allMatch(c -> c > 850 && c < 1150);
    }

    @Test
    void unitLiesInItsRange() {
        CounterRandom random = CounterRandom.of(5);
        double mean =
                IntStream.range(0, 10_000).mapToDouble(random::unit).average().orElseThrow();
        assertThat(mean).isBetween(0.49, 0.51);
        assertThatThrownBy(() -> random.below(0, 1)).hasMessageContaining("bound is 0");
    }
}
