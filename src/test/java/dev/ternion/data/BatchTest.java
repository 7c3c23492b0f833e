package dev.ternion.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BatchTest {
    private static final EncodedSplit SPLIT = new EncodedSplit(
            new int[][] {{101, 7, 102}, {101, 8, 102, 9, 102}, {101, 102}},
            new int[][] {{0, 0, 0}, {0, 0, 0, 1, 1}, {0, 0}},
            new float[] {1, 0, 2.5f});

    @Test
    void referencePadsEverySequenceToTheMaximum() {
        Batch batch = Batch.of(SPLIT, new int[] {1, 0}, Padding.REFERENCE, 6);
        assertThat(batch.ids()).containsExactly(101, 8, 102, 9, 102, 0, 101, 7, 102, 0, 0, 0);
        assertThat(batch.typeIds()).containsExactly(0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0);
        assertThat(batch.positions()).containsExactly(0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5);
        assertThat(batch.starts()).containsExactly(0, 6, 12);
        assertThat(batch.valid()).containsExactly(5, 3);
        assertThat(batch.labels()).containsExactly(0, 1);
        assertThat(batch.indices()).containsExactly(1, 0);
        assertThat(batch.pairCount()).isEqualTo(72);
    }

    @Test
    void maskedHasNoPads() {
        Batch batch = Batch.of(SPLIT, new int[] {2, 1, 2}, Padding.MASKED, 6);
        assertThat(batch.ids()).containsExactly(101, 102, 101, 8, 102, 9, 102, 101, 102);
        assertThat(batch.typeIds()).containsExactly(0, 0, 0, 0, 0, 1, 1, 0, 0);
        assertThat(batch.positions()).containsExactly(0, 1, 0, 1, 2, 3, 4, 0, 1);
        assertThat(batch.starts()).containsExactly(0, 2, 7, 9);
        assertThat(batch.valid()).containsExactly(2, 5, 2);
        assertThat(batch.labels()).containsExactly(2.5f, 0, 2.5f);
        assertThat(batch.rows()).isEqualTo(9);
        assertThat(batch.batchSize()).isEqualTo(3);
        assertThat(batch.longest()).isEqualTo(5);
        assertThat(batch.pairCount()).isEqualTo(4 + 25 + 4);
    }

    @Test
    void refusesASequenceOverTheMaximumAndAnEmptyBatch() {
        assertThatThrownBy(() -> Batch.of(SPLIT, new int[] {0, 1}, Padding.MASKED, 4))
                .hasMessageContaining("example 1 has 5 tokens, wanted at most 4");
        assertThatThrownBy(() -> Batch.of(SPLIT, new int[] {}, Padding.MASKED, 4))
                .hasMessageContaining("no examples");
    }

    @Test
    void splitKnowsItsLengths() {
        assertThat(SPLIT.lengths()).containsExactly(3, 5, 2);
        assertThat(SPLIT.tokens()).isEqualTo(10);
        assertThatThrownBy(() -> new EncodedSplit(new int[1][1], new int[1][2], new float[1]))
                .hasMessageContaining("example 0 has 1 ids and 2 type ids");
    }
}
