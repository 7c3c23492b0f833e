package dev.ternion.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FloatBytesTest {

    /** The value of a binary16 by its definition, in double. */
    private static double half(int bits) {
        int exponent = bits >> 10 & 31;
        int mantissa = bits & 1023;
        double magnitude = exponent == 0
                ? Math.scalb(mantissa, -24)
                : exponent == 31
                        ? (mantissa == 0 ? Double.POSITIVE_INFINITY : Double.NaN)
                        : Math.scalb(1024 + mantissa, exponent - 25);
        return bits >> 15 == 0 ? magnitude : -magnitude;
    }

    @Test
    void everyHalfIsWidenedExactly() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            float seen = FloatBytes.halfToFloat((short) bits);
            assertThat(Float.compare(seen, (float) half(bits)))
                    .as("bits %04x", bits)
                    .isZero();
        }
    }

    @Test
    void bf16IsTheUpperHalfOfF32() {
        ByteBuffer bytes = ByteBuffer.allocate(6).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putShort(0, (short) 0x3f80).putShort(2, (short) 0xc049).putShort(4, (short) 0x7f80);
        FloatBuffer floats = FloatBytes.toFloats(bytes, Dtype.BF16);
        assertThat(floats.get(0)).isEqualTo(1f);
        assertThat(floats.get(1)).isEqualTo(-3.140625f);
        assertThat(floats.get(2)).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(floats.isDirect()).isTrue();
        assertThat(floats.order()).isEqualTo(ByteOrder.nativeOrder());
    }

    @Test
    void unalignedAndHeapBytesAreCopiedToADirectBuffer() {
        ByteBuffer odd = ByteBuffer.allocateDirect(9).order(ByteOrder.LITTLE_ENDIAN);
        odd.putFloat(1, 1.5f).putFloat(5, -2f).position(1);
        FloatBuffer floats = FloatBytes.toFloats(odd, Dtype.F32);
        assertThat(floats.isDirect()).isTrue();
        assertThat(new float[] {floats.get(0), floats.get(1)}).containsExactly(1.5f, -2f);
    }

    @ParameterizedTest
    @CsvSource({"1,1,4", "1,33,4", "33,1,2", "32,32,4", "31,65,8", "7,5,1", "0,4,4"})
    void transposeMovesEveryElement(int rows, int columns, int width) {
        ByteBuffer in = ByteBuffer.allocate(rows * columns * width);
        for (int i = 0; i < in.limit(); i++) {
            in.put(i, (byte) (i * 31 + i / 251));
        }
        ByteBuffer out = FloatBytes.transpose(in, rows, columns, width);
        assertThat(out.remaining()).isEqualTo(in.limit());
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                for (int b = 0; b < width; b++) {
                    assertThat(out.get((c * rows + r) * width + b)).isEqualTo(in.get((r * columns + c) * width + b));
                }
            }
        }
    }
}
