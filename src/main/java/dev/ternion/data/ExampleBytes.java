package dev.ternion.data;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A block of examples as bytes. Each is a number with the length of its text and flags, the text in UTF-8, and what the flags
 * do not say: second text, label, row. Numbers are of 7 bits a byte, the last one without the eighth bit.
 */
final class ExampleBytes {
    private static final int SAME_LABEL = 1;
    private static final int NEXT_ROW = 2;
    private static final int PAIR = 4;
    private static final int FLAG_BITS = 3;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private int examples;
    private int label;
    private int row;

    /** Examples added since the last {@link #take}. */
    int examples() {
        return examples;
    }

    /** Their bytes. */
    int length() {
        return bytes.size();
    }

    /** The block, which ends here; the next one begins. */
    byte[] take() {
        byte[] block = bytes.toByteArray();
        bytes.reset();
        examples = 0;
        label = 0;
        row = 0;
        return block;
    }

    /** Adds an example. */
    void add(Example example) {
        int bits = Float.floatToRawIntBits(example.label());
        boolean sameLabel = bits == label;
        boolean nextRow = example.row() == row + 1;
        byte[] first = example.textA().getBytes(StandardCharsets.UTF_8);
        int flags = (sameLabel ? SAME_LABEL : 0) | (nextRow ? NEXT_ROW : 0) | (example.isPair() ? PAIR : 0);
        number((long) first.length << FLAG_BITS | flags);
        bytes.writeBytes(first);
        if (example.isPair()) {
            second(example.textA(), example.textB());
        }
        if (!sameLabel) {
            number(Integer.toUnsignedLong(Integer.reverseBytes(bits)));
        }
        if (!nextRow) {
            number(Integer.toUnsignedLong(example.row()));
        }
        label = bits;
        row = example.row();
        examples++;
    }

    /** A column may be read as both texts: it is kept once. */
    private void second(String textA, String textB) {
        if (textB.equals(textA)) {
            number(0);
            return;
        }
        byte[] second = textB.getBytes(StandardCharsets.UTF_8);
        number(second.length + 1L);
        bytes.writeBytes(second);
    }

    private void number(long value) {
        long left = value;
        for (; left > 127; left >>>= 7) {
            bytes.write((int) (left | 128));
        }
        bytes.write((int) left);
    }

    /**
     * Reads a block.
     *
     * @param labels label by the number that was added as such; null: labels are as they were added
     */
    static List<Example> read(byte[] block, float[] labels) {
        return new Reader(block, labels).all();
    }

    private static final class Reader {
        private final byte[] block;
        private final float[] labels;
        private int at;
        private int label;
        private int row;

        Reader(byte[] block, float[] labels) {
            this.block = block;
            this.labels = labels;
        }

        List<Example> all() {
            List<Example> all = new ArrayList<>();
            while (at < block.length) {
                all.add(next());
            }
            return all;
        }

        private Example next() {
            long head = number();
            String textA = text((int) (head >>> FLAG_BITS));
            String textB = null;
            if ((head & PAIR) != 0) {
                int length = (int) number();
                textB = length == 0 ? textA : text(length - 1);
            }
            if ((head & SAME_LABEL) == 0) {
                label = Integer.reverseBytes((int) number());
            }
            row = (head & NEXT_ROW) != 0 ? row + 1 : (int) number();
            float added = Float.intBitsToFloat(label);
            return new Example(textA, textB, labels == null ? added : labels[(int) added], row);
        }

        private String text(int length) {
            at += length;
            return new String(block, at - length, length, StandardCharsets.UTF_8);
        }

        private long number() {
            long value = 0;
            int shift = 0;
            byte next;
            do {
                next = block[at++];
                value |= (long) (next & 127) << shift;
                shift += 7;
            } while (next < 0);
            return value;
        }
    }
}
