package dev.ternion.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.backend.jni.NativeUpdateList;
import dev.ternion.backend.jni.NativeWeightList;
import dev.ternion.conformance.Draws;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many weights quantized at once get what each gets alone: codes, scales, panels; also from the sums that an update left. */
class QuantizeWeightsIT {
    private static final double CLIP = 0.9;
    private static final long[][] SHAPES = {
        {1, 1}, {3, 11}, {257, 1}, {43, 381}, {128, 128}, {5, 3277}, {160, 129}, {2, 16400}, {3, 32768}
    };

    private record Weight(long rows, long cols, long group, boolean binary, boolean updated, List<Block> blocks) {
        Block codes() {
            return blocks.get(0);
        }

        Block scale() {
            return blocks.get(1);
        }

        Block panel() {
            return blocks.get(2);
        }

        Block w() {
            return blocks.get(3);
        }

        Block sums() {
            return blocks.get(4);
        }

        long n() {
            return rows * cols;
        }

        @Override
        public String toString() {
            return rows + " x " + cols + ", groups of " + group + (binary ? ", binary" : ", ternary")
                    + (updated ? ", summed" : "");
        }
    }

    private static Weight weight(Device device, long[] shape, long group, boolean binary, boolean updated) {
        long n = shape[0] * shape[1];
        List<Block> blocks = List.of(
                device.allocate(DType.S8, n),
                device.allocate(DType.REAL, n / group),
                device.allocate(DType.U8, device.ops().panel_bytes(shape[0], shape[1], binary)),
                device.allocate(DType.REAL, n),
                device.allocate(DType.F64, (n + 16383) / 16384));
        device.writeDoubles(blocks.get(3), new Draws(1, n).normals(n, 0.5));
        return new Weight(shape[0], shape[1], group, binary, updated, blocks);
    }

    private static List<Weight> weights(Device device) {
        List<Weight> all = new ArrayList<>();
        for (long[] shape : SHAPES) {
            for (boolean binary : new boolean[] {false, true}) {
                all.add(weight(device, shape, shape[0] * shape[1], binary, false));
                all.add(weight(device, shape, shape[0] * shape[1], binary, true));
                all.add(weight(device, shape, shape[1], binary, false));
            }
        }
        return all;
    }

    /** One update of rate 0.1, which writes the sums of those that want them. */
    private static void update(Device device, List<Weight> weights) {
        try (NativeUpdateList list = new NativeUpdateList();
                Block zeros = device.allocate(DType.F64, weights.size());
                Block rates = device.allocate(DType.REAL, weights.size());
                Block guard = device.allocate(DType.S32, 1)) {
            device.ops().set_all(zeros.raw(), 0);
            device.ops().set_all(rates.raw(), 0.1);
            device.ops().set_all(guard.raw(), 0);
            List<Block> moments = new ArrayList<>();
            for (int i = 0; i < weights.size(); i++) {
                Weight w = weights.get(i);
                Block g = device.allocate(DType.REAL, w.n()),
                        m = device.allocate(DType.REAL, w.n()),
                        v = device.allocate(DType.REAL, w.n());
                device.ops().set_all(g.raw(), 0.05);
                device.ops().set_all(m.raw(), 0);
                device.ops().set_all(v.raw(), 0);
                if (w.updated()) {
                    list.add_with_sums(
                            w.w().raw(),
                            g.raw(),
                            m.raw(),
                            v.raw(),
                            w.n(),
                            i,
                            0,
                            w.sums().raw(),
                            CLIP);
                } else {
                    list.add(w.w().raw(), g.raw(), m.raw(), v.raw(), w.n(), i, 0);
                }
                moments.addAll(List.of(g, m, v));
            }
            device.ops().bert_adam(list, zeros.raw(), rates.raw(), 0.9, 0.999, 1e-6, 0, guard.raw());
            moments.forEach(Block::close);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "cpu:portable", "cpu64", "emulated"})
    void manyAtOnce_getWhatEachGetsAlone(String name) {
        try (Device device = Backends.open(name, 2);
                NativeWeightList list = new NativeWeightList()) {
            List<Weight> weights = weights(device);
            update(device, weights);
            for (Weight w : weights) {
                list.add(
                        w.codes().raw(),
                        w.scale().raw(),
                        w.panel().raw(),
                        w.w().raw(),
                        w.updated() ? w.sums().raw() : null,
                        w.rows(),
                        w.cols(),
                        w.group(),
                        CLIP,
                        w.binary());
            }
            device.ops().quantize_weights(list);
            weights.forEach(w -> compare(device, w));
        }
    }

    private static void compare(Device device, Weight w) {
        try (Block codes = device.allocate(DType.S8, w.n());
                Block scale = device.allocate(DType.REAL, w.scale().count());
                Block panel = device.allocate(DType.U8, w.panel().count())) {
            var ops = device.ops();
            if (w.binary()) {
                ops.quantize_binary(codes.raw(), scale.raw(), null, w.w().raw(), w.n(), w.group(), CLIP);
            } else {
                ops.quantize_ternary(codes.raw(), scale.raw(), w.w().raw(), w.n(), w.group(), CLIP);
            }
            ops.pack_panel(panel.raw(), codes.raw(), w.rows(), w.cols(), w.binary());
            assertThat(device.readBytes(w.codes())).as(w.toString()).isEqualTo(device.readBytes(codes));
            assertThat(device.readDoubles(w.scale())).as(w.toString()).isEqualTo(device.readDoubles(scale));
            assertThat(device.readBytes(w.panel())).as(w.toString()).isEqualTo(device.readBytes(panel));
        }
    }
}
