package dev.ternion.data;

import java.util.AbstractList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;

/** Some examples of a list, in its order: a bit for each of the list, and a number for every 32nd that is chosen. */
final class ChosenExamples extends AbstractList<Example> implements RandomAccess {
    private static final int STRIDE = 32;

    private final List<Example> all;
    private final BitSet chosen;
    private final int[] positions;
    private final int size;

    /** @param chosen bits by index in {@code all}; not changed any more */
    ChosenExamples(List<Example> all, BitSet chosen) {
        this.all = all;
        this.chosen = chosen;
        this.size = chosen.cardinality();
        this.positions = new int[(size + STRIDE - 1) / STRIDE];
        int seen = 0;
        for (int at = chosen.nextSetBit(0); at >= 0; at = chosen.nextSetBit(at + 1)) {
            if (seen % STRIDE == 0) {
                positions[seen / STRIDE] = at;
            }
            seen++;
        }
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public Example get(int index) {
        Objects.checkIndex(index, size);
        int at = positions[index / STRIDE];
        for (int i = index % STRIDE; i > 0; i--) {
            at = chosen.nextSetBit(at + 1);
        }
        return all.get(at);
    }
}
