package dev.ternion.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.backend.Device;
import dev.ternion.tensor.Codes;
import dev.ternion.tensor.Compare;
import dev.ternion.tensor.Parameter;
import dev.ternion.tensor.Shape;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.ops.Gelu;
import dev.ternion.tensor.ops.Quantize;
import dev.ternion.tensor.ops.QuantizedLinear;
import dev.ternion.tensor.ops.QuantizedWeight;

/** A quantized layer with GELU gives the bytes of the two operations apart: result, the codes made of it, gradients. */
final class FusedGelu {
    /** 1, 15, 24, 40, 70 and 130 rows, for which CUDA has different products; 1, 5, 3, 67, 129 and 67 outputs. */
    private static final Size[] SIZES = {
        Size.ONE, Size.PADDED, rows(24, 3), rows(40, 67), rows(70, 129), rows(130, 67),
    };

    /** What the last biases are, and so about the last outputs. */
    private static final double[][] SPECIALS = {{-40, -3, -0.0}, {Double.NaN, Double.NEGATIVE_INFINITY, 1e30}};

    private interface Layer {
        Tensor of(Tape tape, Codes x, QuantizedWeight weight, Parameter bias);
    }

    /** Weights, and the bits of inputs: binary weights and inputs of one bit are multiplied as bits. */
    private record Kind(boolean binary, QuantCases.Scales scales, int bits) {}

    private record Seen(double[] activated, OpRun codes) {}

    private FusedGelu() {}

    private static Size rows(int rows, int out) {
        return new Size(rows + " rows", 33, out, 1, 1, new int[] {rows}, new int[] {rows});
    }

    static void sameBytesAsApart(Device device) {
        for (Size size : SIZES) {
            for (QuantCases.Scales scales : QuantCases.Scales.values()) {
                for (boolean binary : new boolean[] {false, true}) {
                    for (int bits : new int[] {8, 1}) {
                        for (double[] special : SPECIALS) {
                            compare(device, size, new Kind(binary, scales, bits), special);
                        }
                    }
                }
            }
        }
    }

    private static void compare(Device device, Size size, Kind kind, double[] special) {
        String what = size + ", " + kind;
        Seen fused = run(device, size, kind, special, FusedGelu::fused);
        Seen apart = run(device, size, kind, special, FusedGelu::apart);
        Compare.sameBytes(what, fused.activated, apart.activated);
        assertThat(fused.codes.raw()).as(what).isEqualTo(apart.codes.raw());
        Compare.sameBytes("codes, " + what, fused.codes.values(), apart.codes.values());
        assertThat(fused.codes.gradients()).containsOnlyKeys("x", "w", "b");
        fused.codes.gradients().forEach((leaf, gradient) -> {
            assertThat(gradient).as("d" + leaf).isNotNull();
            Compare.sameBytes(
                    "d" + leaf + ", " + what, gradient, apart.codes.gradients().get(leaf));
        });
    }

    private static Tensor fused(Tape tape, Codes x, QuantizedWeight weight, Parameter bias) {
        return QuantizedLinear.gelu(tape, x, weight, bias, false, tape.top());
    }

    private static Tensor apart(Tape tape, Codes x, QuantizedWeight weight, Parameter bias) {
        return Gelu.of(tape, QuantizedLinear.of(tape, x, weight, bias, false));
    }

    private static Seen run(Device device, Size size, Kind kind, double[] special, Layer layer) {
        try (Fixture f = new Fixture(device, size, OpRun.SEED)) {
            int in = f.size.cols8(), out = f.size.out();
            Parameter x = f.leaf("x", f.size.rows(), in), w = f.leaf("w", out, in);
            double[] biases = f.draws.normals(out, 1);
            int n = Math.min(special.length, out);
            System.arraycopy(special, 0, biases, out - n, n);
            Parameter b = f.leaf("b", Shape.of(out), biases);
            QuantizedWeight weight =
                    f.own(new QuantizedWeight(device, w, kind.binary, kind.scales.group(size), QuantCases.CLIP));
            double[][] activated = new double[1][];
            OpRun codes = OpRun.of(f, tape -> {
                Codes input = QuantCases.input(tape, x, kind.bits == 1, kind.bits, kind.binary);
                Tensor y = layer.of(tape, input, weight, b);
                activated[0] = device.readDoubles(y.value());
                return Quantize.of(tape, y, false, 30, 8);
            });
            return new Seen(activated[0], codes);
        }
    }
}
