package dev.ternion.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ternion.tensor.Parameter;
import dev.ternion.tensor.Shape;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.ops.Gelu;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PoolTest {
    private Device device;

    @BeforeEach
    void open() {
        device = Backends.open("cpu", 1);
    }

    @AfterEach
    void close() {
        device.close();
    }

    @Test
    void countsElementBytesAndTheirPeak() {
        assertThat(device.ops().bytes_in_use()).isZero();
        Block a = device.allocate(DType.REAL, 1000),
                b = device.allocate(DType.S8, 3),
                c = device.allocate(DType.F64, 2);
        assertThat(device.ops().bytes_in_use()).isEqualTo(4000 + 3 + 16);
        a.close();
        a.close();
        Block d = device.allocate(DType.S32, 5);
        assertThat(device.ops().bytes_in_use()).isEqualTo(3 + 16 + 20);
        assertThat(device.ops().bytes_peak()).isEqualTo(4019);
        device.ops().reset_peak();
        assertThat(device.ops().bytes_peak()).isEqualTo(39);
        b.close();
        c.close();
        d.close();
        device.ops().trim();
        assertThat(device.ops().bytes_in_use()).isZero();
        assertThat(device.ops().bytes_peak()).isEqualTo(39);
    }

    @Test
    void anEmptyBufferIsAllowed() {
        try (Block empty = device.allocate(DType.REAL, 0)) {
            assertThat(device.readFloats(empty)).isEmpty();
        }
        assertThatThrownBy(() -> device.allocate(DType.REAL, -1))
                .message()
                .contains("[new_buffer] count -1", "0 .. 2^40");
    }

    @Test
    void aBudgetIsKeptAndNamed() {
        device.ops().set_limit(100);
        Block a = device.allocate(DType.REAL, 10);
        assertThatThrownBy(() -> device.allocate(DType.REAL, 16))
                .isInstanceOf(Device.OutOfDeviceMemory.class)
                .message()
                .contains("needs 64 bytes", "has 60 of 100", "smaller batch");
        assertThat(device.ops().bytes_in_use()).isEqualTo(40);
        Block b = device.allocate(DType.REAL, 15);
        a.close();
        b.close();
        device.ops().set_limit(0);
        device.allocate(DType.REAL, 1 << 20).close();
    }

    @Test
    void aTapeGivesEverythingBack() {
        Parameter x = new Parameter("x", Shape.of(10, 10), device.allocate(DType.REAL, 100));
        device.ops().set_all(x.value().raw(), 1);
        try (Tape tape = Tape.on(device)) {
            Tensor y = Gelu.of(tape, Gelu.of(tape, x));
            assertThat(device.ops().bytes_in_use()).isEqualTo(1200);
            tape.accumulate(y, (grad, add) -> device.ops().set_all(grad.raw(), 1));
            tape.backward();
            assertThat(device.ops().bytes_in_use())
                    .as("value and gradient of x")
                    .isEqualTo(800);
        }
        assertThat(device.ops().bytes_in_use()).isEqualTo(800);
        x.close();
        assertThat(device.ops().bytes_in_use()).isZero();
    }

    @Test
    void transfersOutsideABufferAreRefused() {
        try (Block block = device.allocate(DType.REAL, 4)) {
            assertThatThrownBy(() -> device.writeFloats(block, 1, 2, 3, 4, 5))
                    .message()
                    .contains("[write_f32]", "0 .. 5", "4 elements");
            assertThatThrownBy(() -> device.writeInts(block, 1)).message().contains("[write_s32]", "S32", "REAL");
            assertThatThrownBy(() -> device.readBytes(block)).message().contains("[read_bytes]", "S8 or U8");
        }
    }
}
