package dev.ternion.data;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;

/**
 * Examples held as blocks of bytes: a short one takes some two bytes beside its texts, where an object takes 150. Grows at its
 * end; may be read by several threads once it is complete. The texts are valid Unicode.
 */
final class PackedExamples extends AbstractList<Example> implements RandomAccess {
    private static final int BLOCK_EXAMPLES = 64;
    private static final int BLOCK_BYTES = 1 << 14;

    private final List<byte[]> blocks = new ArrayList<>();
    private final ExampleBytes last = new ExampleBytes();
    private int[] starts = new int[16];
    private int size;
    private float[] labels;
    private volatile Block memo;

    /** The block read last, as its neighbours are asked for next. */
    private record Block(int start, List<Example> examples) {}

    /** The same examples; those that are packed are not copied. */
    static List<Example> of(List<Example> examples) {
        if (examples instanceof PackedExamples || examples instanceof ChosenExamples) {
            return examples;
        }
        PackedExamples packed = new PackedExamples();
        examples.forEach(packed::append);
        return packed.complete();
    }

    /** Adds one at the end. */
    void append(Example example) {
        if (last.examples() == 0) {
            int block = blocks.size();
            starts = block < starts.length ? starts : Arrays.copyOf(starts, 2 * block);
            starts[block] = size;
        }
        last.add(example);
        size++;
        if (last.examples() == BLOCK_EXAMPLES || last.length() >= BLOCK_BYTES) {
            complete();
        }
    }

    /** Ends the last block; must be called before the first reading. */
    PackedExamples complete() {
        if (last.examples() > 0) {
            blocks.add(last.take());
        }
        return this;
    }

    /** Labels become {@code byNumber[label]}. */
    void relabel(float[] byNumber) {
        labels = byNumber;
        memo = null;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public Example get(int index) {
        Block block = memo;
        if (block == null || index < block.start || index >= block.start + block.examples.size()) {
            block = block(Objects.checkIndex(index, size));
            memo = block;
        }
        return block.examples.get(index - block.start);
    }

    private Block block(int index) {
        int found = Arrays.binarySearch(starts, 0, blocks.size(), index);
        int block = found >= 0 ? found : -found - 2;
        return new Block(starts[block], ExampleBytes.read(blocks.get(block), labels));
    }
}
