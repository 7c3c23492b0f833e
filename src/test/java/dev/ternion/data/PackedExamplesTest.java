package dev.ternion.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PackedExamplesTest {
    private static final float[] LABELS = {0, 1, 999, -0f, 0.1f, 4.9999995f, -3e38f, Float.MIN_VALUE};
    private static final int[] ROWS = {1, 2, 3, 4, 1_000_000, 0, -1, Integer.MAX_VALUE, Integer.MIN_VALUE};

    /** Of all kinds: alone and in pairs, with labels and rows as before and otherwise, blocks of many and of one. */
    private static List<Example> examples(int count) {
        SplittableRandom random = new SplittableRandom(7);
        List<Example> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String text = text(random);
            String second = random.nextInt(3) == 0 ? text(random) : random.nextInt(3) == 0 ? text : null;
            float label = LABELS[random.nextInt(4) == 0 ? random.nextInt(LABELS.length) : 0];
            int row = random.nextInt(4) == 0 ? ROWS[random.nextInt(ROWS.length)] : i;
            all.add(new Example(text, second, label, row));
        }
        return all;
    }

    private static String text(SplittableRandom random) {
        int length = random.nextInt(1 << random.nextInt(random.nextInt(10) == 0 ? 16 : 6));
        return "a\u00e9\u4e00\ud83d\ude00".substring(0, random.nextInt(4)) + "x".repeat(length);
    }

    @Test
    void areWhatTheyWereInAnyOrder() {
        List<Example> examples = examples(3000);
        List<Example> packed = PackedExamples.of(examples);
        assertThat(packed).isEqualTo(examples).isNotInstanceOf(ArrayList.class);
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < 200; i++) {
            int index = random.nextInt(examples.size());
            assertThat(packed.get(index)).isEqualTo(examples.get(index));
        }
        assertThat(packed.subList(100, 300)).isEqualTo(examples.subList(100, 300));
        assertThat(PackedExamples.of(packed)).isSameAs(packed);
        assertThat(PackedExamples.of(List.of())).isEmpty();
        assertThatThrownBy(() -> packed.get(3000)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> packed.get(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void chosenOnesAreThoseOfTheList() {
        List<Example> examples = examples(1000);
        BitSet chosen = new BitSet();
        IntStream.range(0, 1000).filter(i -> i % 7 < 2 || i > 900).forEach(chosen::set);
        List<Example> some = new ChosenExamples(PackedExamples.of(examples), chosen);
        assertThat(some).isEqualTo(chosen.stream().mapToObj(examples::get).toList());
        assertThatThrownBy(() -> some.get(some.size())).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void labelsAreExchanged() {
        PackedExamples packed = new PackedExamples();
        packed.append(new Example("a", null, 0, 1));
        packed.append(new Example("b", null, 1, 2));
        assertThat(packed.complete()).extracting(Example::label).containsExactly(0f, 1f);
        packed.relabel(new float[] {5, 3});
        assertThat(packed).extracting(Example::label).containsExactly(5f, 3f);
    }

    @Test
    void heldBackRowsAreTheFirstOfThePermutation() {
        for (int size : new int[] {2, 3, 10, 1000}) {
            for (int count : new int[] {1, size / 2, size - 1}) {
                CounterRandom random = CounterRandom.of(size + count, CounterRandom.EVAL_SPLIT);
                BitSet wanted = new BitSet();
                IntStream.of(random.permutation(size)).limit(count).forEach(wanted::set);
                assertThat(EvalSplit.Fraction.firstOfPermutation(random, size, count))
                        .isEqualTo(wanted);
            }
        }
    }
}
