package dev.ternion.data;

/**
 * How much of a file is read before it is refused.
 *
 * @param maxFileBytes bytes of one file after decompression
 * @param maxRows rows of one file, header not counted
 * @param maxTextChars UTF-16 units of one text
 */
public record ReadBounds(long maxFileBytes, int maxRows, int maxTextChars) {
    /** 1 GiB, five million rows, 100 000 characters a text. */
    public static final ReadBounds DEFAULT = new ReadBounds(1L << 30, 5_000_000, 100_000);

    /** Refuses bounds that admit nothing. */
    public ReadBounds {
        if (maxFileBytes < 1 || maxRows < 1 || maxTextChars < 1) {
            throw new IllegalArgumentException("bounds are " + maxFileBytes + " bytes, " + maxRows + " rows, "
                    + maxTextChars + " characters, wanted each 1 or more");
        }
    }
}
