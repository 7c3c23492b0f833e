package dev.ternion.conformance;

import dev.ternion.backend.Block;
import dev.ternion.backend.DType;
import dev.ternion.backend.Device;
import dev.ternion.tensor.Parameter;
import dev.ternion.tensor.Shape;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.ops.Updates;
import java.util.LinkedHashMap;
import java.util.Map;

/** BertAdam and AdamW with the norms they read: three updates of one tensor, equal bytes. */
final class OptimizerCases {
    private static final int STEPS = 3;
    private static final int[] SMALL = {1, 31, 33, 257};
    private static final int LARGE = 768 * 3072;

    private OptimizerCases() {}

    static void run(Conformance run, Device cpu, Device device, Conformance.Sizes sizes) {
        for (boolean bert : new boolean[] {true, false}) {
            String name = bert ? "BertAdam" : "AdamW";
            for (int n : SMALL) {
                run.check(name, String.valueOf(n), () -> compare(run, cpu, device, bert, n));
            }
            if (sizes == Conformance.Sizes.ALL) {
                run.check(name, String.valueOf(LARGE), () -> compare(run, cpu, device, bert, LARGE));
            }
        }
    }

    private static void compare(Conformance run, Device cpu, Device device, boolean bert, int n) {
        Map<String, double[]> wanted = update(cpu, bert, n), seen = update(device, bert, n);
        wanted.forEach((part, values) -> run.equal(part, seen.get(part), values));
    }

    private static Map<String, double[]> update(Device device, boolean bert, int n) {
        Draws draws = new Draws(OpRun.SEED, n);
        try (Parameter p = parameter(device, draws, n);
                Block m = Updates.zerosLike(device, p);
                Block v = Updates.zerosLike(device, p);
                Block norms = device.allocate(DType.F64, 2);
                Block rates = device.allocate(DType.REAL, 1);
                Block counts = device.allocate(DType.S32, 1);
                Tape tape = Tape.on(device)) {
            var adam = new Updates.Adam(0.9, 0.999, 1e-6, 0.01, 1);
            for (int step = 1; step <= STEPS; step++) {
                double[] gradient = draws.normals(n, 0.2);
                tape.accumulate(p, (grad, add) -> device.writeDoubles(grad, gradient));
                device.writeFloats(rates, 1e-2f / step);
                device.writeInts(counts, step);
                Updates.squaredNorm(device, norms, 0, p);
                Updates.sum(device, norms, 1, norms, 1);
                if (bert) {
                    Updates.bertAdam(device, p, m, v, norms, rates, 0, adam);
                } else {
                    Updates.adamW(device, p, m, v, norms, 1, rates, counts, 0, adam);
                }
                p.clearGrad();
            }
            Map<String, double[]> all = new LinkedHashMap<>();
            all.put("squared norm", device.readDoubles(norms));
            all.put("parameter", device.readDoubles(p.value()));
            all.put("first moment", device.readDoubles(m));
            all.put("second moment", device.readDoubles(v));
            return all;
        }
    }

    private static Parameter parameter(Device device, Draws draws, int n) {
        Block value = device.allocate(DType.REAL, n);
        device.writeDoubles(value, draws.normals(n, 1));
        return new Parameter("p", Shape.of(n), value);
    }
}
