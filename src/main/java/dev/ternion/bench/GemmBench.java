package dev.ternion.bench;

import dev.ternion.backend.DType;
import dev.ternion.backend.Device;
import dev.ternion.tensor.Codes;
import dev.ternion.tensor.Parameter;
import dev.ternion.tensor.Shape;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.ops.Binarize;
import dev.ternion.tensor.ops.Linear;
import dev.ternion.tensor.ops.Quantize;
import dev.ternion.tensor.ops.QuantizedLinear;
import dev.ternion.tensor.ops.QuantizedWeight;
import java.util.Map;

/** y[m,n] = x[m,k] w[n,k]^T + bias, with ready codes and a packed weight, or dense in f32; one tape record a call. */
final class GemmBench {
    private static final double CLIP = 2.5;

    private GemmBench() {}

    static Map<String, Object> run(Device device, Cases.Product c, int repeats) {
        try (Parameter x = Inputs.matrix(device, "x", c.m(), c.k(), 1);
                Parameter w = Inputs.matrix(device, "w", c.n(), c.k(), 2);
                Parameter bias = new Parameter("b", Shape.of(c.n()), device.allocate(DType.REAL, c.n()))) {
            device.writeFloats(bias.value(), Inputs.normals(c.n(), 1, 3));
            return c.kind().equals("dense")
                    ? timed(device, c, repeats, tape -> Linear.of(tape, x, w, bias, false))
                    : quantized(device, c, repeats, x, w, bias);
        }
    }

    private static Map<String, Object> quantized(
            Device device, Cases.Product c, int repeats, Parameter x, Parameter w, Parameter bias) {
        boolean oneBit = c.kind().equals("w1a1"), binary = oneBit || c.kind().equals("binary");
        try (QuantizedWeight weight = new QuantizedWeight(device, w, binary, (long) c.n() * c.k(), CLIP);
                Tape outer = Tape.off(device)) {
            Codes codes = oneBit ? Binarize.of(outer, x, false, CLIP, true) : Quantize.of(outer, x, false, CLIP, 8);
            return timed(device, c, repeats, tape -> QuantizedLinear.of(tape, codes, weight, bias, false));
        }
    }

    /** The product on a tape. */
    private interface Call {
        Object on(Tape tape);
    }

    private static Map<String, Object> timed(Device device, Cases.Product c, int repeats, Call call) {
        Timer timer = Timer.of(device, repeats, () -> {
            try (Tape tape = Tape.off(device)) {
                call.on(tape);
            }
        });
        Map<String, Object> row = Cases.row();
        timer.into(row, "call");
        row.put("tera_ops_per_s", 2e-12 * c.m() * c.n() * c.k() / timer.median());
        return row;
    }
}
