package dev.ternion.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PackedTernaryTest {

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 63, 64, 65, 1001, 4099})
    void codesComeBack(int count) throws Exception {
        byte[] ternary = new byte[count];
        byte[] binary = new byte[count];
        for (int i = 0; i < count; i++) {
            int mixed = i * 0x9E3779B1 >>> 7;
            ternary[i] = (byte) (mixed % 3 - 1);
            binary[i] = (byte) (mixed % 2 * 2 - 1);
        }
        byte[] packed = PackedTernary.pack(ternary);
        assertThat(packed).hasSize((int) PackedTernary.ternarySize(count)).hasSize((count + 3) / 4);
        assertThat(PackedTernary.unpack("test", packed, count)).isEqualTo(ternary);
        byte[] bits = PackedTernary.packBinary(binary);
        assertThat(bits).hasSize((int) PackedTernary.binarySize(count)).hasSize((count + 7) / 8);
        assertThat(PackedTernary.unpackBinary("test", bits, count)).isEqualTo(binary);
    }

    @Test
    void theFirstCodeTakesTheLowestBits() {
        assertThat(PackedTernary.pack(new byte[] {1, 0, -1, -1, 0})).containsExactly(0b00000110, 0b01);
        assertThat(PackedTernary.packBinary(new byte[] {1, -1, 1, -1, -1, -1, -1, -1, 1}))
                .containsExactly(0b101, 1);
    }

    @Test
    void sizesDoNotOverflow() {
        assertThat(PackedTernary.ternarySize(Long.MAX_VALUE)).isEqualTo(1L << 61);
        assertThat(PackedTernary.binarySize(Long.MAX_VALUE)).isEqualTo(1L << 60);
        assertThatThrownBy(() -> PackedTernary.ternarySize(-1)).hasMessage("count: saw -1, wanted 0 or more");
    }

    @Test
    void damagedBytesAreRefused() {
        byte[] withThree = {0b01010101, (byte) 0b00110000};
        assertThatThrownBy(() -> PackedTernary.unpack("layer.0", withThree, 8))
                .isInstanceOf(ArtifactException.class)
                .hasMessageContaining("layer.0: ternary code 6: saw 3, wanted 0, 1 or 2");
        assertThatThrownBy(() -> PackedTernary.unpack("layer.0", new byte[1], 5))
                .hasMessageContaining("packed bytes: saw 1, wanted 2");
        assertThatThrownBy(() -> PackedTernary.unpack("layer.0", new byte[] {(byte) 0x81}, 3))
                .hasMessageContaining("bits after the last code: saw 2, wanted 0");
        assertThatThrownBy(() -> PackedTernary.unpackBinary("layer.0", new byte[] {0x10}, 4))
                .hasMessageContaining("bits after the last code: saw 1, wanted 0");
    }

    @Test
    void otherCodesAreRefused() {
        assertThatThrownBy(() -> PackedTernary.pack(new byte[] {0, 2})).hasMessage("code 1: saw 2, wanted -1, 0 or 1");
        assertThatThrownBy(() -> PackedTernary.packBinary(new byte[] {0})).hasMessage("code 0: saw 0, wanted -1 or 1");
    }
}
