package dev.ternion.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Recordings of the CUDA backend, on the emulation: what they run, what they forbid, and whose memory they keep. */
class EmulatedRecordingIT {
    private static final int N = 40;

    private Device device;
    private Block x;
    private Block y;

    @BeforeEach
    void open() {
        device = Backends.open("emulated", 1);
        x = filled(2);
        y = filled(0);
    }

    @AfterEach
    void close() {
        device.close();
    }

    private Block filled(double value) {
        Block block = device.allocate(DType.REAL, N);
        device.ops().set_all(block.raw(), value);
        return block;
    }

    /** y += 3 x, through memory that dies at once. */
    private void addThrice() {
        try (Block twice = device.allocate(DType.REAL, N)) {
            device.ops().scale(twice.raw(), x.raw(), 2, N, false);
            device.ops().add(y.raw(), y.raw(), twice.raw(), N);
            device.ops().copy(twice.raw(), x.raw());
            device.ops().add(y.raw(), y.raw(), twice.raw(), N);
        }
    }

    private float first(Block block) {
        return device.readFloats(block)[0];
    }

    @Test
    void operationsRunWhenReplayedAndReadWhatIsThereThen() {
        try (Recording recording = device.record(this::addThrice)) {
            assertThat(first(y)).as("nothing ran yet").isZero();
            recording.replay();
            assertThat(first(y)).isEqualTo(6);
            device.ops().set_all(x.raw(), 5);
            recording.replay();
            recording.replay();
            assertThat(first(y)).isEqualTo(6 + 15 + 15);
        }
    }

    @Test
    void memoryOfARecordingIsNobodyElses() {
        try (Recording recording = device.record(this::addThrice)) {
            Block other = filled(7);
            recording.replay();
            assertThat(device.readFloats(other)).containsOnly(7);
            other.close();
        }
    }

    @Test
    void recordingsShareTheirMemoryAndGiveItBack() {
        long before = device.ops().bytes_in_use();
        Recording one = device.record(this::addThrice);
        long reserved = device.ops().bytes_in_use() - before;
        assertThat(reserved).isGreaterThanOrEqualTo(N * 4);
        Recording two = device.record(this::addThrice);
        assertThat(device.ops().bytes_in_use() - before)
                .as("they run one after the other")
                .isEqualTo(reserved);
        one.close();
        assertThat(device.ops().bytes_in_use() - before)
                .as("the second still uses it")
                .isEqualTo(reserved);
        two.replay();
        assertThat(first(y)).isEqualTo(6);
        two.close();
        assertThat(device.ops().bytes_in_use()).isEqualTo(before);
    }

    @Test
    void aBlockOfARecordingThatDiesLaterStaysReserved() {
        Block[] kept = new Block[1];
        try (Recording recording = device.record(() -> {
            kept[0] = device.allocate(DType.REAL, N);
            device.ops().scale(kept[0].raw(), x.raw(), 4, N, false);
        })) {
            recording.replay();
            assertThat(first(kept[0])).isEqualTo(8);
            kept[0].close();
            Block other = filled(7);
            recording.replay();
            assertThat(device.readFloats(other)).containsOnly(7);
        }
    }

    @Test
    void aBudgetCountsWhatRecordingsReserve() {
        try (Recording recording = device.record(this::addThrice)) {
            device.setBudget(device.ops().bytes_in_use() + 4 * N - 1);
            assertThatThrownBy(() -> device.allocate(DType.REAL, N)).isInstanceOf(Device.OutOfDeviceMemory.class);
            device.record(this::addThrice).close();
            recording.replay();
        }
        device.allocate(DType.REAL, N).close();
    }

    @Test
    void transfersWithTheHostAreRefusedAndEndTheRecording() {
        assertThatThrownBy(() -> device.record(() -> device.writeFloats(x, 1)))
                .message()
                .contains("[to_device]", "recorded");
        assertThatThrownBy(() -> device.record(() -> device.readFloats(x)))
                .message()
                .contains("[to_host]", "recorded");
        assertThat(first(x)).isEqualTo(2);
        assertThat(device.ops().bytes_in_use()).isEqualTo(2 * 4 * N);
    }

    @Test
    void aFaultInAReplayNamesItsKernel() {
        try (Device faulty = Backends.open("emulated:scale", 1);
                Block from = faulty.allocate(DType.REAL, N);
                Block to = faulty.allocate(DType.REAL, N)) {
            faulty.ops().set_all(from.raw(), 1);
            try (Recording recording = faulty.record(() -> faulty.ops().scale(to.raw(), from.raw(), 2, N, false))) {
                assertThatThrownBy(recording::replay).message().contains("[scale] illegal access");
            }
        }
    }

    @Test
    void aReadSeesTheOperationsBeforeItAndNoneAfter() {
        try (Block values = device.allocate(DType.F64, 3)) {
            device.ops().set_all(values.raw(), 1);
            PendingRead ones = device.startRead(values, 2);
            device.ops().set_all(values.raw(), 9);
            PendingRead nines = device.startRead(values, 3);
            assertThat(ones.finish()).containsExactly(1, 1);
            assertThat(nines.finish()).containsExactly(9, 9, 9);
        }
    }

    @Test
    void theCpuDoesNotRecord() {
        try (Device cpu = Backends.open("cpu", 1)) {
            boolean[] called = new boolean[1];
            assertThat(cpu.record(() -> called[0] = true)).isNull();
            assertThat(called[0]).isFalse();
        }
    }
}
