package dev.ternion.artifact;

/**
 * Quantized weight codes in few bits.
 *
 * <p>Ternary: 2 bits hold code+1, so 0, 1, 2 for -1, 0, +1, four to a byte; binary: 1 bit, 1 for +1 and 0 for -1, eight
 * to a byte. The first code takes the lowest bits of the first byte; bits after the last code are 0.
 */
public final class PackedTernary {
    private static final int TERNARY_PER_BYTE = 4;
    private static final int BINARY_PER_BYTE = 8;
    private static final String NEXT = "The packed data is damaged or of another kind: export the model again.";

    private PackedTernary() {}

    /** Bytes that hold {@code count} ternary codes. */
    public static long ternarySize(long count) {
        return sizeOf(count, TERNARY_PER_BYTE);
    }

    /** Bytes that hold {@code count} binary codes. */
    public static long binarySize(long count) {
        return sizeOf(count, BINARY_PER_BYTE);
    }

    private static long sizeOf(long count, int perByte) {
        if (count < 0) {
            throw new IllegalArgumentException("count: saw " + count + ", wanted 0 or more");
        }
        return count / perByte + (count % perByte == 0 ? 0 : 1);
    }

    /** @param codes each -1, 0 or 1 */
    public static byte[] pack(byte[] codes) {
        byte[] packed = new byte[(int) ternarySize(codes.length)];
        for (int i = 0; i < codes.length; i++) {
            if (codes[i] < -1 || codes[i] > 1) {
                throw new IllegalArgumentException("code " + i + ": saw " + codes[i] + ", wanted -1, 0 or 1");
            }
            packed[i / TERNARY_PER_BYTE] |= (byte) (codes[i] + 1 << i % TERNARY_PER_BYTE * 2);
        }
        return packed;
    }

    /**
     * @param source what the bytes came from, for messages
     * @return {@code count} codes, each -1, 0 or 1
     * @throws ArtifactException for a wrong length, the unused value 3 (naming its index), or bits after the last code
     */
    public static byte[] unpack(Object source, byte[] packed, int count) throws ArtifactException {
        requireSize(source, packed, ternarySize(count));
        requireClearTail(source, packed, count % TERNARY_PER_BYTE * 2);
        byte[] codes = new byte[count];
        for (int i = 0; i < count; i++) {
            int value = packed[i / TERNARY_PER_BYTE] >> i % TERNARY_PER_BYTE * 2 & 3;
            if (value == 3) {
                throw ArtifactException.of(source, "ternary code " + i, value, "0, 1 or 2", NEXT);
            }
            codes[i] = (byte) (value - 1);
        }
        return codes;
    }

    /** @param codes each -1 or 1 */
    public static byte[] packBinary(byte[] codes) {
        byte[] packed = new byte[(int) binarySize(codes.length)];
        for (int i = 0; i < codes.length; i++) {
            if (codes[i] != 1 && codes[i] != -1) {
                throw new IllegalArgumentException("code " + i + ": saw " + codes[i] + ", wanted -1 or 1");
            }
            packed[i / BINARY_PER_BYTE] |= (byte) ((codes[i] + 1) / 2 << i % BINARY_PER_BYTE);
        }
        return packed;
    }

    /**
     * @return {@code count} codes, each -1 or 1
     * @throws ArtifactException for a wrong length, or bits after the last code
     */
    public static byte[] unpackBinary(Object source, byte[] packed, int count) throws ArtifactException {
        requireSize(source, packed, binarySize(count));
        requireClearTail(source, packed, count % BINARY_PER_BYTE);
        byte[] codes = new byte[count];
        for (int i = 0; i < count; i++) {
            codes[i] = (byte) ((packed[i / BINARY_PER_BYTE] >> i % BINARY_PER_BYTE & 1) * 2 - 1);
        }
        return codes;
    }

    private static void requireSize(Object source, byte[] packed, long wanted) throws ArtifactException {
        if (packed.length != wanted) {
            throw ArtifactException.of(source, "packed bytes", packed.length, wanted, NEXT);
        }
    }

    /** @param usedBits bits of the last byte that hold codes; 0 when all eight do */
    private static void requireClearTail(Object source, byte[] packed, int usedBits) throws ArtifactException {
        if (usedBits != 0 && (packed[packed.length - 1] & 0xff) >>> usedBits != 0) {
            int last = packed[packed.length - 1] & 0xff;
            throw ArtifactException.of(source, "bits after the last code", last >>> usedBits, 0, NEXT);
        }
    }
}
