package dev.ternion.backup;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The block before a file in a POSIX ustar archive. It follows from name and size alone: owner 0, mode 0600, time 0. Sizes of 8 GiB
 * and more are written in base 256, as GNU tar does.
 */
record TarHeader(String name, long size) {
    /** Bytes of a block; files are padded to whole ones. */
    static final int BLOCK = 512;

    /** Plain names with plain folders above them: none is hidden, none leads out of the folder that it is unpacked into. */
    private static final Pattern PLAIN =
            Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*){0,7}");

    private static final int NAME = 100;
    private static final int SIZE_AT = 124;
    private static final int SUM_AT = 148;
    private static final int PREFIX_AT = 345;
    private static final int PREFIX = 155;
    private static final long OCTAL = 1L << 33;

    /** Whether a backup may hold it: a plain name that fits, and a size. */
    boolean isPlain() {
        return PLAIN.matcher(name).matches() && split() >= 0 && size >= 0;
    }

    /** The block. For plain names only. */
    byte[] bytes() {
        byte[] block = new byte[BLOCK];
        int split = split();
        put(block, 0, split == 0 ? name : name.substring(split + 1));
        put(block, 100, "0000600");
        put(block, 108, "0000000");
        put(block, 116, "0000000");
        if (size < OCTAL) {
            put(block, SIZE_AT, String.format(Locale.ROOT, "%011o", size));
        } else {
            block[SIZE_AT] = (byte) 0x80;
            for (int i = 0; i < Long.BYTES; i++) {
                block[SIZE_AT + 11 - i] = (byte) (size >>> (8 * i));
            }
        }
        put(block, 136, "00000000000");
        put(block, SUM_AT, "        ");
        block[156] = '0';
        put(block, 257, "ustar");
        put(block, 263, "00");
        put(block, 329, "0000000");
        put(block, 337, "0000000");
        put(block, PREFIX_AT, split == 0 ? "" : name.substring(0, split));
        int sum = 0;
        for (byte b : block) {
            sum += b & 0xff;
        }
        put(block, SUM_AT, String.format(Locale.ROOT, "%06o", sum));
        block[SUM_AT + 6] = 0;
        return block;
    }

    /** Reads name and size of a block, whatever else is in it: compare it with {@link #bytes} if it is plain. */
    static TarHeader of(byte[] block) {
        String prefix = text(block, PREFIX_AT, PREFIX);
        String name = text(block, 0, NAME);
        return new TarHeader(prefix.isEmpty() ? name : prefix + "/" + name, size(block));
    }

    /** Bytes of zeros after the file. */
    int padding() {
        return (int) ((BLOCK - size % BLOCK) % BLOCK);
    }

    /** Where the name is divided: 0 if it need not be, -1 if it cannot be. */
    private int split() {
        if (name.length() <= NAME) {
            return 0;
        }
        int slash = name.lastIndexOf('/', PREFIX);
        return slash > 0 && name.length() - slash - 1 <= NAME ? slash : -1;
    }

    private static long size(byte[] block) {
        boolean octal = block[SIZE_AT] >= 0;
        long size = 0;
        for (int i = octal ? 0 : 4; i < (octal ? 11 : 12); i++) {
            int digit = block[SIZE_AT + i];
            size = octal ? size * 8 + (digit - '0') : size << 8 | digit & 0xff;
        }
        return size;
    }

    private static void put(byte[] block, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, block, at, bytes.length);
    }

    private static String text(byte[] block, int at, int longest) {
        int length = 0;
        while (length < longest && block[at + length] != 0) {
            length++;
        }
        return new String(block, at, length, StandardCharsets.ISO_8859_1);
    }
}
