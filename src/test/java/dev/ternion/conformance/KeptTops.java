package dev.ternion.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.backend.Device;
import dev.ternion.tensor.Codes;
import dev.ternion.tensor.Parameter;
import dev.ternion.tensor.SequenceLayout;
import dev.ternion.tensor.Shape;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.Top;
import dev.ternion.tensor.ops.Attention;
import dev.ternion.tensor.ops.AttentionContext;
import dev.ternion.tensor.ops.Dropout;
import dev.ternion.tensor.ops.Gelu;
import dev.ternion.tensor.ops.LayerNorm;
import dev.ternion.tensor.ops.Quantize;
import dev.ternion.tensor.ops.QuantizedLinear;
import dev.ternion.tensor.ops.QuantizedWeight;
import dev.ternion.tensor.ops.ResidualNorm;
import dev.ternion.tensor.ops.ScoreMap;
import dev.ternion.tensor.ops.Softmax;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;

/** A quantizer gives the same bytes whether the operation before it kept the largest magnitude or it searches itself. */
final class KeptTops {
    private static final Size[] SIZES = {Size.ONE, Size.PADDED, Size.BIG};

    /** Makes inputs; what follows runs the operation on a tape and keeps the largest magnitude in a place. */
    private interface Producer {
        BiFunction<Tape, Top, Tensor> on(Fixture fixture, double[] special);
    }

    private KeptTops() {}

    private static Map<String, Producer> producers() {
        Map<String, Producer> all = new LinkedHashMap<>();
        for (QuantCases.Scales scales : QuantCases.Scales.values()) {
            all.put("QuantizedLinear scale per " + scales, (f, special) -> linear(f, special, scales, false));
            all.put("QuantizedLinear with GELU, scale per " + scales, (f, special) -> linear(f, special, scales, true));
        }
        all.put("Gelu", (f, special) -> {
            Parameter x = matrix(f, special);
            return (tape, top) -> Gelu.of(tape, x, top);
        });
        all.put("LayerNorm", (f, special) -> {
            Parameter x = matrix(f, new double[0]), gamma = leaf(f, Shape.of(f.size.cols()), new double[0]);
            Parameter beta = leaf(f, Shape.of(f.size.cols()), special);
            return (tape, top) -> LayerNorm.of(tape, x, gamma, beta, 1e-12, top);
        });
        all.put("ResidualNorm", (f, special) -> {
            Parameter branch = matrix(f, new double[0]), skip = matrix(f, new double[0]);
            Parameter gamma = leaf(f, Shape.of(f.size.cols()), new double[0]);
            Parameter beta = leaf(f, Shape.of(f.size.cols()), special);
            Dropout.Mask mask = f.mask(0.3);
            return (tape, top) -> ResidualNorm.of(tape, branch, skip, mask, gamma, beta, 1e-12, top);
        });
        all.put("Dropout", (f, special) -> {
            Parameter x = matrix(f, special);
            Dropout.Mask mask = f.mask(0.3);
            return (tape, top) -> Dropout.of(tape, x, mask, top);
        });
        all.put("Softmax", (f, special) -> {
            SequenceLayout layout = f.layout();
            Parameter scores = leaf(f, layout.mapShape(), special);
            return (tape, top) -> Softmax.of(tape, scores, layout, top);
        });
        all.put("AttentionContext", (f, special) -> {
            SequenceLayout layout = f.layout();
            Parameter probs = leaf(f, layout.mapShape(), new double[0]);
            Parameter v = leaf(f, Shape.of(f.size.rows(), f.size.width()), special);
            return (tape, top) -> AttentionContext.of(tape, probs, v, layout, top);
        });
        all.put("Attention", (f, special) -> attention(f, special, false));
        all.put("Attention of codes", (f, special) -> attention(f, special, true));
        return all;
    }

    private static Parameter matrix(Fixture f, double[] special) {
        return leaf(f, Shape.of(f.size.rows(), f.size.cols()), special);
    }

    private static BiFunction<Tape, Top, Tensor> linear(
            Fixture f, double[] special, QuantCases.Scales scales, boolean gelu) {
        int in = f.size.cols8(), out = f.size.out();
        Parameter x = leaf(f, Shape.of(f.size.rows(), in), new double[0]);
        Parameter w = leaf(f, Shape.of(out, in), new double[0]), b = leaf(f, Shape.of(out), special);
        QuantizedWeight weight = f.own(new QuantizedWeight(f.device, w, false, scales.group(f.size), QuantCases.CLIP));
        return (tape, top) -> {
            Codes codes = Quantize.of(tape, x, false, QuantCases.CLIP, 8);
            return gelu
                    ? QuantizedLinear.gelu(tape, codes, weight, b, false, top)
                    : QuantizedLinear.of(tape, codes, weight, b, false, top);
        };
    }

    private static BiFunction<Tape, Top, Tensor> attention(Fixture f, double[] special, boolean codes) {
        SequenceLayout layout = f.layout();
        Shape shape = Shape.of(f.size.rows(), f.size.width());
        Parameter q = leaf(f, shape, new double[0]), k = leaf(f, shape, new double[0]), v = leaf(f, shape, special);
        Dropout.Mask mask = f.mask(0.3);
        return (tape, top) -> Attention.of(
                tape,
                ScoreMap.of(tape, q, k, layout),
                codes ? Quantize.of(tape, v, false, 50, 8) : v,
                mask,
                codes ? new Attention.Rounding(QuantCases.CLIP, 8) : null,
                top);
    }

    /** Normal numbers, the last of them as given. */
    private static Parameter leaf(Fixture f, Shape shape, double[] last) {
        double[] values = f.draws.normals(shape.elements(), 1);
        int n = Math.min(last.length, values.length);
        System.arraycopy(last, 0, values, values.length - n, n);
        return f.leaf("leaf " + f.leaves.size(), shape, values);
    }

    static void sameBytesAsSearching(Device device) {
        double[][] specials = {{}, {-40}, {Double.NaN}, {Double.NEGATIVE_INFINITY}};
        producers().forEach((name, producer) -> {
            for (Size size : SIZES) {
                for (double[] special : specials) {
                    try (Fixture fixture = new Fixture(device, size, OpRun.SEED);
                            Tape tape = Tape.off(device)) {
                        compare(name + ", " + size, tape, producer.on(fixture, special));
                    }
                }
            }
        });
    }

    private static void compare(String what, Tape tape, BiFunction<Tape, Top, Tensor> producer) {
        Tensor kept = producer.apply(tape, tape.top()), plain = producer.apply(tape, null);
        assertThat(kept.top()).isNotNull();
        assertThat(plain.top()).isNull();
        Device device = tape.device();
        // A quantizer that does not use what was kept would give the same codes: another value there must show.
        Codes wanted = Quantize.of(tape, plain, false, 30, 8), seen = Quantize.of(tape, kept, false, 30, 8);
        assertThat(device.readBytes(seen.codes())).as(what).isEqualTo(device.readBytes(wanted.codes()));
        assertThat(device.readBytes(seen.mask())).as(what).isEqualTo(device.readBytes(wanted.mask()));
        assertThat(bits(device, seen)).as(what).isEqualTo(bits(device, wanted));
        device.ops().set_all(kept.top().tops().raw(), Float.floatToRawIntBits(60));
        Codes other = Quantize.of(tape, kept, false, 100, 8);
        assertThat(device.readFloats(other.step())[0]).as(what).isEqualTo(60f / 127);
    }

    private static int bits(Device device, Codes codes) {
        return Float.floatToRawIntBits(device.readFloats(codes.step())[0]);
    }
}
