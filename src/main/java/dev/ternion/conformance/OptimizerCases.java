package dev.ternion.conformance;

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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

/** BertAdam and AdamW with norms and guard, then ternary and binary codes: several tensors at once, equal bytes. */
final class OptimizerCases {
    private static final int STEPS = 4;
    private static final int GUARDED_STEP = 3;
    private static final double CLIP = 0.9;
    private static final int[] AWKWARD = {1, 31, 33, 257, 16383, 16384, 16385};
    /** More than a launch takes. */
    private static final int[] MANY = new int[300];

    private static final int[] LARGE = {768 * 3072, 768, 30522 * 768};

    static {
        Arrays.setAll(MANY, i -> 1 + i % 3);
    }

    private OptimizerCases() {}

    static void run(Conformance run, Device cpu, Device device, Conformance.Sizes sizes) {
        for (boolean bert : new boolean[] {true, false}) {
            String name = bert ? "BertAdam" : "AdamW";
            run.check(name, "awkward", () -> compare(run, cpu, device, bert, AWKWARD));
            run.check(name, "many", () -> compare(run, cpu, device, bert, MANY));
            if (sizes == Conformance.Sizes.ALL) {
                run.check(name, "large", () -> compare(run, cpu, device, bert, LARGE));
            }
        }
    }

    private static void compare(Conformance run, Device cpu, Device device, boolean bert, int[] sizes) {
        Map<String, double[]> wanted = update(cpu, bert, sizes), seen = update(device, bert, sizes);
        wanted.forEach((part, values) -> run.equal(part, seen.get(part), values));
    }

    /** A parameter with its moments and its codes. */
    private record Trained(Parameter p, Block m, Block v, QuantizedWeight codes) {
        static Trained of(Device device, Draws draws, int n, boolean binary) {
            Block value = device.allocate(DType.REAL, n);
            device.writeDoubles(value, draws.normals(n, 1));
            int rows = (int) Math.sqrt(n);
            while (n % rows != 0) {
                rows--;
            }
            Parameter p = new Parameter("p", Shape.of(rows, n / rows), value);
            var codes = new QuantizedWeight(device, p, binary, n, CLIP);
            return new Trained(p, Updates.zerosLike(device, p), Updates.zerosLike(device, p), codes);
        }

        void close() {
            p.close();
            m.close();
            v.close();
            codes.close();
        }
    }

    /** Every second tensor has its sums from the update, every third is binary. */
    private static Map<String, double[]> update(Device device, boolean bert, int[] sizes) {
        Draws draws = new Draws(OpRun.SEED, sizes.length);
        List<Trained> all = new ArrayList<>();
        int n = sizes.length;
        try (Block norms = device.allocate(DType.F64, n + 1);
                Block rates = device.allocate(DType.REAL, n);
                Block counts = device.allocate(DType.S32, n);
                Block guard = Updates.openGuard(device);
                UpdateBatch batch = new UpdateBatch(device)) {
            for (int size : sizes) {
                all.add(Trained.of(device, draws, size, all.size() % 3 == 2));
            }
            var adam = new UpdateBatch.Adam(0.9, 0.999, 1e-6, 1);
            for (int step = 1; step <= STEPS; step++) {
                leaveGradients(device, all, draws);
                write(device, rates, counts, step);
                guard(device, guard, step == GUARDED_STEP);
                fill(batch, all);
                Updates.clear(device, norms);
                batch.squaredNorms(norms);
                Updates.sum(device, norms, n, norms, n);
                if (bert) {
                    batch.bertAdam(norms, rates, adam, guard);
                } else {
                    batch.adamW(norms, n, rates, counts, adam, guard);
                }
                all.forEach(t -> t.p().clearGrad());
            }
            QuantizedWeight.refresh(device, all.stream().map(Trained::codes).toList());
            return read(device, norms, all);
        } finally {
            all.forEach(Trained::close);
        }
    }

    private static void leaveGradients(Device device, List<Trained> all, Draws draws) {
        try (Tape tape = Tape.on(device)) {
            for (Trained t : all) {
                double[] gradient = draws.normals(t.p().shape().elements(), 0.2);
                tape.accumulate(t.p(), (grad, add) -> device.writeDoubles(grad, gradient));
            }
        }
    }

    private static void write(Device device, Block rates, Block counts, int step) {
        float[] rate = new float[(int) rates.count()];
        int[] count = new int[rate.length];
        for (int i = 0; i < rate.length; i++) {
            rate[i] = 1e-2f / (step + i);
            count[i] = step + i % 2;
        }
        device.writeFloats(rates, rate);
        device.writeInts(counts, count);
    }

    /** A guard that has seen finite values, and in between, when it shall be set, others. */
    private static void guard(Device device, Block guard, boolean set) {
        try (Block finite = device.allocate(DType.F64, 3);
                Block infinite = device.allocate(DType.F64, 300)) {
            device.writeDoubles(finite, 1, -Double.MAX_VALUE, Double.NaN);
            double[] values = new double[300];
            values[299] = Double.NEGATIVE_INFINITY;
            device.writeDoubles(infinite, values);
            Updates.clear(device, guard);
            Updates.guardFinite(device, guard, finite, 2);
            if (set) {
                Updates.guardFinite(device, guard, infinite, 300);
                Updates.guardFinite(device, guard, finite, 2);
            }
        }
    }

    private static void fill(UpdateBatch batch, List<Trained> all) {
        batch.clear();
        for (int i = 0; i < all.size(); i++) {
            Trained t = all.get(i);
            batch.add(t.p(), t.m(), t.v(), i, 0.01 * (i % 3), i % 2 == 0 ? t.codes() : null);
        }
    }

    private static Map<String, double[]> read(Device device, Block norms, List<Trained> all) {
        Map<String, double[]> parts = new LinkedHashMap<>();
        parts.put("squared norms", device.readDoubles(norms));
        parts.put("parameters", joined(device, all, t -> t.p().value()));
        parts.put("first moments", joined(device, all, Trained::m));
        parts.put("second moments", joined(device, all, Trained::v));
        parts.put("scales", joined(device, all, t -> t.codes().scale()));
        parts.put(
                "codes",
                all.stream()
                        .flatMapToDouble(t -> {
                            byte[] codes = device.readBytes(t.codes().codes());
                            return IntStream.range(0, codes.length).mapToDouble(i -> codes[i]);
                        })
                        .toArray());
        return parts;
    }

    private static double[] joined(Device device, List<Trained> all, Function<Trained, Block> part) {
        return all.stream()
                .flatMapToDouble(t -> Arrays.stream(device.readDoubles(part.apply(t))))
                .toArray();
    }
}
