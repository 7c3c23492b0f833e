package dev.ternion.artifact;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/** Little-endian tensor bytes ↔ f32 values. Buffers handed out are direct. */
final class FloatBytes {
    /**
     * Side of the square moved at once by {@link #transpose}, in elements: two such squares of f32 fit a level-1 cache.
     */
    private static final int TILE = 32;

    private static final int EXPONENT_SHIFT_F16 = 112 << 23;
    private static final float SMALLEST_F16 = 0x1p-24f;

    private FloatBytes() {}

    /** f32 values in native order; the bytes themselves where they already are that, else a copy. */
    static FloatBuffer toFloats(ByteBuffer bytes, Dtype dtype) {
        ByteBuffer in = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
        if (dtype == Dtype.F32 && canBeViewed(in)) {
            return in.asFloatBuffer();
        }
        int count = in.remaining() / dtype.width;
        FloatBuffer out =
                allocate((long) count * Float.BYTES, ByteOrder.nativeOrder()).asFloatBuffer();
        for (int i = 0; i < count; i++) {
            out.put(i, valueAt(in, i, dtype));
        }
        return out;
    }

    private static boolean canBeViewed(ByteBuffer in) {
        boolean aligned = in.alignmentOffset(0, Float.BYTES) == 0;
        return in.isDirect() && aligned && ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    }

    private static float valueAt(ByteBuffer in, int i, Dtype dtype) {
        return switch (dtype) {
            case F32 -> in.getFloat(4 * i);
            case F64 -> (float) in.getDouble(8 * i);
            case F16 -> halfToFloat(in.getShort(2 * i));
            case BF16 -> Float.intBitsToFloat(in.getShort(2 * i) << 16);
            default -> throw new IllegalArgumentException("not a floating type: " + dtype);
        };
    }

    /** IEEE 754 binary16 to binary32, exact for every value; a NaN stays a NaN. */
    static float halfToFloat(short half) {
        int sign = (half & 0x8000) << 16;
        int magnitude = half & 0x7fff;
        if (magnitude >= 0x7c00) {
            return Float.intBitsToFloat(sign | 0x7f800000 | (magnitude & 0x3ff) << 13);
        }
        if (magnitude < 0x0400) {
            float subnormal = magnitude * SMALLEST_F16;
            return sign == 0 ? subnormal : -subnormal;
        }
        return Float.intBitsToFloat(sign | (magnitude << 13) + EXPONENT_SHIFT_F16);
    }

    /** Little-endian f32 bytes of the values from position to limit; the buffer is left as it was. */
    static ByteBuffer toBytes(FloatBuffer floats) {
        ByteBuffer out = allocate((long) floats.remaining() * Float.BYTES, ByteOrder.LITTLE_ENDIAN);
        out.asFloatBuffer().put(floats.duplicate());
        return out;
    }

    /** [rows, columns] → [columns, rows], elements of 1, 2, 4 or 8 bytes, little-endian. */
    static ByteBuffer transpose(ByteBuffer bytes, int rows, int columns, int width) {
        ByteBuffer in = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer out = allocate((long) rows * columns * width, ByteOrder.LITTLE_ENDIAN);
        for (int r0 = 0; r0 < rows; r0 += TILE) {
            for (int c0 = 0; c0 < columns; c0 += TILE) {
                transposeTile(in, out, rows, columns, width, r0, c0);
            }
        }
        return out;
    }

    private static void transposeTile(ByteBuffer in, ByteBuffer out, int rows, int columns, int width, int r0, int c0) {
        int rowEnd = Math.min(rows, r0 + TILE);
        int columnEnd = Math.min(columns, c0 + TILE);
        for (int r = r0; r < rowEnd; r++) {
            for (int c = c0; c < columnEnd; c++) {
                move(in, (r * columns + c) * width, out, (c * rows + r) * width, width);
            }
        }
    }

    private static void move(ByteBuffer in, int from, ByteBuffer out, int to, int width) {
        switch (width) {
            case 4 -> out.putInt(to, in.getInt(from));
            case 2 -> out.putShort(to, in.getShort(from));
            case 8 -> out.putLong(to, in.getLong(from));
            default -> out.put(to, in.get(from));
        }
    }

    private static ByteBuffer allocate(long size, ByteOrder order) {
        return ByteBuffer.allocateDirect(Math.toIntExact(size)).order(order);
    }
}
