package dev.ternion.bench;

import dev.ternion.backend.Block;
import dev.ternion.backend.DType;
import dev.ternion.backend.Device;
import dev.ternion.tensor.Parameter;
import dev.ternion.tensor.Shape;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.ops.QuantizedWeight;
import dev.ternion.tensor.ops.UpdateBatch;
import dev.ternion.tensor.ops.Updates;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The linear weights of an encoder: norms and AdamW, then ternarization and packing. */
final class OptimizerBench {
    private static final double CLIP = 2.5;
    /** Read p, g, m, v; write p, m, v. */
    private static final int BYTES_PER_PARAMETER = 28;

    private OptimizerBench() {}

    private record Weight(Parameter p, Block m, Block v, QuantizedWeight codes) {
        void close() {
            codes.close();
            m.close();
            v.close();
            p.close();
        }
    }

    static Map<String, Object> run(Device device, Cases.Optimizer c, int repeats) {
        List<Weight> weights = weights(device, c.model());
        try (Block norms = device.allocate(DType.F64, weights.size() + 1);
                Block rates = device.allocate(DType.REAL, weights.size());
                Block counts = device.allocate(DType.S32, weights.size());
                Block guard = Updates.openGuard(device);
                UpdateBatch batch = new UpdateBatch(device)) {
            device.writeFloats(rates, new float[weights.size()]);
            device.writeInts(counts, ones(weights.size()));
            var adam = new UpdateBatch.Adam(0.9, 0.999, 1e-8, 1);
            for (int i = 0; i < weights.size(); i++) {
                Weight w = weights.get(i);
                batch.add(w.p(), w.m(), w.v(), i, 0.01, w.codes());
            }
            Runnable step = () -> {
                batch.squaredNorms(norms);
                Updates.sum(device, norms, weights.size(), norms, weights.size());
                batch.adamW(norms, weights.size(), rates, counts, adam, guard);
            };
            Timer update = Timer.of(device, repeats, step);
            List<QuantizedWeight> codes = weights.stream().map(Weight::codes).toList();
            Timer both = Timer.of(device, repeats, () -> {
                step.run();
                QuantizedWeight.refresh(device, codes);
            });
            Timer ternarize = Timer.of(device, repeats, () -> {
                weights.forEach(w -> w.p().changed());
                QuantizedWeight.refresh(device, codes);
            });
            long parameters =
                    weights.stream().mapToLong(w -> w.p().shape().elements()).sum();
            Map<String, Object> row = Cases.row("tensors", weights.size(), "parameters", parameters);
            update.into(row, "update");
            row.put("update_gigabytes_per_s", 1e-9 * BYTES_PER_PARAMETER * parameters / update.median());
            both.into(row, "update_and_ternarize");
            ternarize.into(row, "ternarize");
            row.put("ternarize_ns_per_parameter", 1e9 * ternarize.median() / parameters);
            return row;
        } finally {
            weights.forEach(Weight::close);
        }
    }

    private static int[] ones(int n) {
        int[] ones = new int[n];
        Arrays.fill(ones, 1);
        return ones;
    }

    private static List<Weight> weights(Device device, Cases.Encoder model) {
        List<Weight> weights = new ArrayList<>();
        int h = model.hidden;
        int[][] shapes = {{h, h}, {h, h}, {h, h}, {h, h}, {4 * h, h}, {h, 4 * h}};
        for (int[] shape : shapes) {
            float[] values = Inputs.normals((long) shape[0] * shape[1], 0.5, weights.size());
            for (int layer = 0; layer < model.layers; layer++) {
                weights.add(weight(device, shape[0], shape[1], values));
            }
        }
        return weights;
    }

    private static Weight weight(Device device, int rows, int cols, float[] values) {
        Block block = device.allocate(DType.REAL, values.length);
        device.writeFloats(block, values);
        Parameter p = new Parameter("w", Shape.of(rows, cols), block);
        try (Tape tape = Tape.on(device)) {
            tape.accumulate(p, (gradient, add) -> device.writeFloats(gradient, values));
        }
        return new Weight(
                p,
                Updates.zerosLike(device, p),
                Updates.zerosLike(device, p),
                new QuantizedWeight(device, p, false, values.length, CLIP));
    }
}
