package dev.ternion.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchOrderTest {
    @Test
    void eachEpochVisitsEveryExampleOnceAndEndsWithAPartialBatch() {
        BatchOrder order = new BatchOrder(11, 10, 4);
        assertThat(order.stepsPerEpoch()).isEqualTo(3);
        for (int epoch = 0; epoch < 3; epoch++) {
            List<Integer> seen = new ArrayList<>();
            for (int k = 0; k < 3; k++) {
                int[] batch = order.at(3L * epoch + k);
                assertThat(batch).hasSize(k < 2 ? 4 : 2).hasSize(order.sizeAt(3L * epoch + k));
                IntStream.of(batch).forEach(seen::add);
            }
            assertThat(seen).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        }
    }

    @Test
    void memoChangesNoResultInWhateverOrderStepsAreAsked() {
        BatchOrder shared = new BatchOrder(5, 100, 7);
        for (long step : new long[] {40, 3, 3, 1_000_000, 0, 14, 15, 40}) {
            assertThat(shared.at(step)).containsExactly(BatchOrder.indices(5, step, 100, 7));
        }
    }

    @Test
    void epochsAndSeedsDiffer() {
        int[] first = BatchOrder.indices(5, 0, 50, 50);
        assertThat(BatchOrder.indices(5, 1, 50, 50)).isNotEqualTo(first);
        assertThat(BatchOrder.indices(6, 0, 50, 50)).isNotEqualTo(first);
        assertThat(first).isNotEqualTo(IntStream.range(0, 50).toArray());
    }

    @Test
    void stepsOfTheReferenceRecipe() {
        assertThat(3 * new BatchOrder(1, 8551, 16).stepsPerEpoch()).isEqualTo(1605);
        assertThat(3 * new BatchOrder(1, 2490, 32).stepsPerEpoch()).isEqualTo(234);
        assertThat(3 * new BatchOrder(1, 5749, 32).stepsPerEpoch()).isEqualTo(540);
    }

    @Test
    void refusesNonsense() {
        assertThatThrownBy(() -> new BatchOrder(1, 0, 4)).hasMessageContaining("0 examples");
        assertThatThrownBy(() -> new BatchOrder(1, 4, 4).at(-1)).hasMessageContaining("step is -1");
    }
}
