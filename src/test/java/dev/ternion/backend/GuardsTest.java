package dev.ternion.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ternion.backend.jni.NativeUpdateList;
import dev.ternion.backend.jni.NativeWeightList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Wrong arguments are refused before memory is touched, and a NaN is never hidden by a quantizer. */
class GuardsTest {
    private Device cpu;

    @BeforeEach
    void open() {
        cpu = Backends.open("cpu", 2);
    }

    @AfterEach
    void close() {
        cpu.close();
    }

    private Block reals(float... values) {
        Block block = cpu.allocate(DType.REAL, values.length);
        cpu.writeFloats(block, values);
        return block;
    }

    @Test
    void mse_negativeSlot_isRefused() {
        Block loss = cpu.allocate(DType.F64, 1);
        Block x = reals(1, 2);
        assertThatThrownBy(() -> cpu.ops().mse_forward(loss.raw(), -1, x.raw(), x.raw(), 2, 1))
                .hasMessageContaining("slot -1 is negative");
    }

    @Test
    void gatherRows_noColumns_isRefused() {
        Block table = reals(1, 2), out = reals(0, 0);
        Block ids = cpu.allocate(DType.S32, 1);
        cpu.writeInts(ids, 0);
        assertThatThrownBy(() -> cpu.ops().gather_rows(out.raw(), table.raw(), ids.raw(), 1, 0, false))
                .hasMessageContaining("cols = 0");
        assertThatThrownBy(() -> cpu.ops().scatter_rows(table.raw(), out.raw(), ids.raw(), 1, 0))
                .hasMessageContaining("cols = 0");
    }

    @Test
    void integerProduct_noColumnsOrNoGroup() {
        Block y = cpu.allocate(DType.REAL, 0), scale = reals(1), step = reals(1);
        Block codes = cpu.allocate(DType.S8, 32), panel = cpu.allocate(DType.U8, 0);
        cpu.ops()
                .gemm_s8(
                        y.raw(),
                        null,
                        codes.raw(),
                        step.raw(),
                        32,
                        panel.raw(),
                        scale.raw(),
                        8,
                        null,
                        1,
                        0,
                        32,
                        false,
                        null,
                        0);
        assertThatThrownBy(() -> cpu.ops()
                        .gemm_s8(
                                y.raw(),
                                null,
                                codes.raw(),
                                step.raw(),
                                32,
                                panel.raw(),
                                scale.raw(),
                                0,
                                null,
                                1,
                                0,
                                32,
                                false,
                                null,
                                0))
                .hasMessageContaining("w_group 0");
    }

    @Test
    void operation_blockOfAnotherDevice_isRefused() {
        Block here = reals(1, 2, 3, 4);
        try (Device other = Backends.open("cpu64", 1);
                Block there = other.allocate(DType.REAL, 4)) {
            other.writeDoubles(there, 1, 2, 3, 4);
            assertThatThrownBy(() -> cpu.ops().gelu_forward(here.raw(), there.raw(), 4, null, 0))
                    .hasMessageContaining("another device");
        }
    }

    @Test
    void quantizeTernary_oneNaN_givesScaleNaN() {
        Block w = reals(1, Float.NaN, -1, 0, 2, 0, 0, 0);
        Block codes = cpu.allocate(DType.S8, 8), scale = cpu.allocate(DType.REAL, 1);
        cpu.ops().quantize_ternary(codes.raw(), scale.raw(), w.raw(), 8, 8, 2.5);
        assertThat(cpu.readFloats(scale)[0]).isNaN();
        cpu.ops().quantize_binary(codes.raw(), scale.raw(), null, w.raw(), 8, 8, 2.5);
        assertThat(cpu.readFloats(scale)[0]).isNaN();
    }

    @Test
    void quantizeSymmetric_oneNaN_givesStepNaN() {
        Block x = reals(1, 0, -1, 0, 2, 0, 0, Float.NaN, 1, 1, 1, 1, 1, 1, 1, 1);
        Block codes = cpu.allocate(DType.S8, 16), step = cpu.allocate(DType.REAL, 2), mask = cpu.allocate(DType.U8, 2);
        cpu.ops().quantize_symmetric(codes.raw(), step.raw(), mask.raw(), x.raw(), 16, 8, 2.5, 8, null, 0);
        assertThat(cpu.readFloats(step)[0]).isNaN();
        assertThat(cpu.readFloats(step)[1]).isEqualTo(1f / 127);
        cpu.ops().quantize_symmetric(codes.raw(), step.raw(), mask.raw(), x.raw(), 16, 16, 2.5, 8, null, 0);
        assertThat(cpu.readFloats(step)[0]).isNaN();
    }

    @Test
    void quantizeSymmetric_vanishingValues_countAsZero() {
        Block x = reals(1e-38f, -1e-38f, 0, 0, 0, 0, 0, 0);
        Block codes = cpu.allocate(DType.S8, 8), step = cpu.allocate(DType.REAL, 1), mask = cpu.allocate(DType.U8, 1);
        cpu.ops().quantize_symmetric(codes.raw(), step.raw(), mask.raw(), x.raw(), 8, 8, 2.5, 8, null, 0);
        assertThat(cpu.readBytes(codes)).containsOnly((byte) 0);
        assertThat(cpu.readFloats(step)[0]).isZero();
    }

    @Test
    void updateList_negativeSlotOrShortBlocks_areRefused() {
        Block x = reals(1, 2, 3, 4), norms = cpu.allocate(DType.F64, 1), guard = cpu.allocate(DType.S32, 1);
        Block large = cpu.allocate(DType.REAL, 16385);
        try (NativeUpdateList list = new NativeUpdateList()) {
            assertThatThrownBy(() -> list.add(x.raw(), x.raw(), x.raw(), x.raw(), 4, -1, 0))
                    .hasMessageContaining("slot -1 is negative");
            list.add(x.raw(), x.raw(), x.raw(), x.raw(), 5, 0, 0);
            assertThatThrownBy(() -> cpu.ops().sum_squares(norms.raw(), list))
                    .hasMessageContaining("[sum_squares grad] wanted 5 elements of REAL, got 4");
            list.clear();
            list.add_with_sums(large.raw(), large.raw(), large.raw(), large.raw(), 16385, 0, 0, norms.raw(), 1);
            assertThatThrownBy(() -> cpu.ops().bert_adam(list, norms.raw(), x.raw(), 0.9, 0.999, 1e-6, 1, guard.raw()))
                    .hasMessageContaining("[bert_adam sums] wanted 2 elements of F64, got 1");
        }
    }

    @Test
    void weightList_sumsOfSeveralGroupsOrOddGroups_areRefused() {
        Block w = reals(1, 2, 3, 4), sums = cpu.allocate(DType.F64, 1), codes = cpu.allocate(DType.S8, 4);
        try (NativeWeightList list = new NativeWeightList()) {
            assertThatThrownBy(
                            () -> list.add(codes.raw(), w.raw(), codes.raw(), w.raw(), sums.raw(), 2, 2, 2, 2.5, false))
                    .hasMessageContaining("sums for groups of 2: wanted one group of 4");
            assertThatThrownBy(() -> list.add(codes.raw(), w.raw(), codes.raw(), w.raw(), null, 2, 2, 3, 2.5, false))
                    .hasMessageContaining("group 3 must divide 2 x 2");
        }
    }
}
