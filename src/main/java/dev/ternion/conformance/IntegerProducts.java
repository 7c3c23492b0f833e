package dev.ternion.conformance;

import dev.ternion.backend.Device;
import dev.ternion.tensor.Codes;
import dev.ternion.tensor.Parameter;
import dev.ternion.tensor.Shape;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.Top;
import dev.ternion.tensor.ops.Binarize;
import dev.ternion.tensor.ops.Quantize;
import dev.ternion.tensor.ops.QuantizedLinear;
import dev.ternion.tensor.ops.QuantizedWeight;
import java.util.Arrays;
import java.util.stream.DoubleStream;

/** The integer products at sizes around every border between their kernels. */
final class IntegerProducts {
    /** Rows of x: around the tiles of bit planes, and beyond the last size that is multiplied from them. */
    private static final int[] ROWS = {1, 8, 9, 16, 17, 33, 64, 65, 129};
    /** Outputs and inputs: one; odd and across tiles; whole tiles and steps; many steps for a warp. */
    private static final int[][] SIZES = {{1, 8}, {33, 136}, {31, 129}, {64, 256}, {17, 1304}};

    /** More tiles of 128 rows and 128 outputs than an H100 has multiprocessors. */
    private static final int[] WIDE = {8449, 16};

    private IntegerProducts() {}

    /** Checks of {@link #run}. */
    static int count() {
        return Kind.values().length * ROWS.length;
    }

    private enum Kind {
        TERNARY,
        BINARY,
        BITS
    }

    static void run(Conformance run, Device cpu, Device device) {
        for (Kind kind : Kind.values()) {
            for (int rows : ROWS) {
                run.check("integer product, " + kind, rows + " rows", () -> {
                    for (int[] size : SIZES) {
                        compare(run, new Problem(rows, size[0], size[1], kind), cpu, device);
                    }
                    if (rows > 128) {
                        compare(run, new Problem(rows, WIDE[0], WIDE[1], kind), cpu, device);
                    }
                });
            }
        }
    }

    private static void compare(Conformance run, Problem p, Device cpu, Device device) {
        String part = p.n + " x " + p.k;
        boolean bits = p.kind == Kind.BITS;
        double[] seen = p.on(device, bits, true);
        run.equal(part, seen, p.on(cpu, bits, false));
        if (bits) {
            run.equal(part + " as codes", seen, p.on(device, false, true));
        }
    }

    /**
     * y[m,n] of inputs of k and then its GELU, each with the step that it would have as codes behind it, from the largest magnitude
     * that the product kept or from the values. With a step and a scale for every row where m is even, else one for each side.
     */
    private record Problem(int m, int n, int k, Kind kind) {
        double[] on(Device device, boolean packed, boolean keepTop) {
            boolean perRow = m % 2 == 0 && k % 8 == 0;
            try (Fixture f = new Fixture(device, Size.ONE, OpRun.SEED + k);
                    Tape tape = Tape.off(device)) {
                Parameter x = f.leaf("x", Shape.of(m, k), f.draws.clipped((long) m * k, QuantCases.CLIP));
                Parameter w = f.leaf("w", Shape.of(n, k), f.draws.clipped((long) n * k, QuantCases.CLIP));
                Parameter b = f.leaf("b", Shape.of(n), f.draws.normals(n, 1));
                long group = perRow ? k : (long) n * k;
                boolean binary = kind != Kind.TERNARY;
                QuantizedWeight weight = f.own(new QuantizedWeight(device, w, binary, group, QuantCases.CLIP));
                Codes codes = kind == Kind.BITS
                        ? Binarize.of(tape, x, perRow, QuantCases.CLIP, packed)
                        : Quantize.of(tape, x, perRow, QuantCases.CLIP, 8);
                Top top = keepTop ? tape.top() : null, geluTop = keepTop ? tape.top() : null;
                double[] y = withStep(tape, QuantizedLinear.of(tape, codes, weight, b, false, top));
                double[] gelu = withStep(tape, QuantizedLinear.gelu(tape, codes, weight, b, false, geluTop));
                return DoubleStream.concat(Arrays.stream(y), Arrays.stream(gelu))
                        .toArray();
            }
        }

        private static double[] withStep(Tape tape, Tensor y) {
            double[] values = tape.device().readDoubles(y.value());
            double[] all = Arrays.copyOf(values, values.length + 1);
            Codes codes = Quantize.of(tape, y, false, 1e6, 8);
            all[values.length] = tape.device().readDoubles(codes.step())[0];
            return all;
        }
    }
}
