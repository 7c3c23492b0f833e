package dev.ternion.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Changes inputs: bits, bytes, numbers, words of the format, pieces repeated, moved, left out, or taken from another input. */
final class Mutator {
    /** Bytes of an input. */
    static final int LONGEST = 64 << 10;

    private static final long[] NUMBERS = {
        0,
        1,
        -1,
        2,
        7,
        8,
        9,
        15,
        16,
        63,
        64,
        65,
        127,
        128,
        255,
        256,
        1023,
        1024,
        32767,
        32768,
        65535,
        65536,
        1 << 24,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        1L << 32,
        1L << 40,
        1L << 62,
        Long.MAX_VALUE,
        Long.MIN_VALUE
    };

    private final SplittableRandom random;
    private final List<byte[]> words;

    Mutator(SplittableRandom random, List<String> words) {
        this.random = random;
        this.words = words.stream()
                .map(word -> word.getBytes(StandardCharsets.UTF_8))
                .toList();
    }

    /** A changed copy. */
    byte[] change(byte[] input, byte[] other) {
        byte[] changed = input.clone();
        int steps = 1 + random.nextInt(1 << random.nextInt(4));
        for (int i = 0; i < steps; i++) {
            changed = step(changed, other);
        }
        return changed.length <= LONGEST ? changed : Arrays.copyOf(changed, LONGEST);
    }

    private byte[] step(byte[] in, byte[] other) {
        int at = random.nextInt(in.length + 1);
        int length = Math.min(in.length - at, 1 + random.nextInt(1 << random.nextInt(10)));
        return switch (random.nextInt(11)) {
            case 0 -> set(in, at, (byte) (at < in.length ? in[at] ^ 1 << random.nextInt(8) : 0));
            case 1 -> set(in, at, (byte) random.nextInt());
            case 2 -> replace(in, at, length, new byte[0]);
            case 3 -> replace(in, at, 0, random(length));
            case 4 -> replace(in, at, 0, repeat(Arrays.copyOfRange(in, at, at + length)));
            case 5 -> replace(in, at, length, slice(other));
            case 6 -> replace(in, at, random.nextBoolean() ? length : 0, word());
            case 7 -> number(in, at);
            case 8 -> digits(in, at);
            case 9 -> Arrays.copyOf(in, at);
            default -> replace(in, at, 0, repeat(word()));
        };
    }

    private static byte[] set(byte[] in, int at, byte value) {
        if (at < in.length) {
            in[at] = value;
        }
        return in;
    }

    private byte[] random(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private byte[] repeat(byte[] piece) {
        int most = Math.max(1, LONGEST / Math.max(1, piece.length));
        int times = 1 + random.nextInt(1 << random.nextInt(15));
        ByteBuffer all = ByteBuffer.allocate(piece.length * Math.min(most, times));
        while (piece.length > 0 && all.hasRemaining()) {
            all.put(piece);
        }
        return all.array();
    }

    private byte[] slice(byte[] of) {
        int from = random.nextInt(of.length + 1);
        return Arrays.copyOfRange(of, from, Math.min(of.length, from + random.nextInt(200)));
    }

    private byte[] word() {
        return words.isEmpty() ? new byte[] {(byte) random.nextInt()} : words.get(random.nextInt(words.size()));
    }

    private byte[] number(byte[] in, int at) {
        ByteBuffer eight = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        eight.putLong(0, NUMBERS[random.nextInt(NUMBERS.length)]);
        int width = 1 << random.nextInt(4);
        return replace(in, at, Math.min(width, in.length - at), Arrays.copyOf(eight.array(), width));
    }

    /** Exchanges the digits that come next. */
    private byte[] digits(byte[] in, int at) {
        int from = at;
        while (from < in.length && !Character.isDigit(in[from])) {
            from++;
        }
        int to = from;
        while (to < in.length && Character.isDigit(in[to])) {
            to++;
        }
        String number = String.valueOf(NUMBERS[random.nextInt(NUMBERS.length)]);
        return replace(in, from, to - from, number.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] replace(byte[] in, int at, int length, byte[] by) {
        byte[] out = new byte[in.length - length + by.length];
        System.arraycopy(in, 0, out, 0, at);
        System.arraycopy(by, 0, out, at, by.length);
        System.arraycopy(in, at + length, out, at + by.length, in.length - at - length);
        return out;
    }
}
