package dev.ternion.telemetry;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Points in bytes, some eleven for each: their number, then for each one the distance of its step and of its time from the point before,
 * both as variable-length integers (seven bits a byte, the lowest first, signs folded in), and the bits of its value, eight bytes, the
 * highest first.
 */
public final class PointBlock {
    private static final int LONGEST_POINT = 10 + 10 + Double.BYTES;

    private PointBlock() {}

    /** The bytes of points. */
    public static byte[] write(Points points) {
        ByteBuffer out = ByteBuffer.allocate(10 + points.size() * LONGEST_POINT);
        varint(out, points.size());
        long step = 0;
        long time = 0;
        for (int i = 0; i < points.size(); i++) {
            varint(out, points.step(i) - step);
            varint(out, points.millis(i) - time);
            out.putLong(Double.doubleToRawLongBits(points.value(i)));
            step = points.step(i);
            time = points.millis(i);
        }
        return Arrays.copyOf(out.array(), out.position());
    }

    /**
     * The points of bytes.
     *
     * @throws IllegalArgumentException if they are damaged
     */
    public static Points read(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        try {
            long count = varint(in);
            if (count < 0 || count > bytes.length) {
                throw new IllegalArgumentException("a block of " + bytes.length + " bytes says " + count + " points");
            }
            long[] steps = new long[(int) count];
            double[] values = new double[(int) count];
            long[] millis = new long[(int) count];
            long step = 0;
            long time = 0;
            for (int i = 0; i < count; i++) {
                steps[i] = step += varint(in);
                millis[i] = time += varint(in);
                values[i] = Double.longBitsToDouble(in.getLong());
            }
            if (in.hasRemaining()) {
                throw new IllegalArgumentException(in.remaining() + " bytes behind a block of points");
            }
            return Points.of(steps, values, millis);
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("a block of points ends after " + bytes.length + " bytes", e);
        }
    }

    private static void varint(ByteBuffer out, long value) {
        long rest = value << 1 ^ value >> 63;
        while ((rest & ~0x7fL) != 0) {
            out.put((byte) (rest | 0x80));
            rest >>>= 7;
        }
        out.put((byte) rest);
    }

    private static long varint(ByteBuffer in) {
        long folded = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte next = in.get();
            folded |= (next & 0x7fL) << shift;
            if (next >= 0) {
                return folded >>> 1 ^ -(folded & 1);
            }
        }
        throw new IllegalArgumentException("a number in a block of points has more than ten bytes");
    }
}
