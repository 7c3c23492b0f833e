package dev.ternion.tensor.ops;

import dev.ternion.backend.Block;
import dev.ternion.backend.jni.NativeBuffer;
import dev.ternion.tensor.Codes;
import dev.ternion.tensor.Op;
import dev.ternion.tensor.PackedBits;
import dev.ternion.tensor.Parameter;
import dev.ternion.tensor.Shape;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.Top;

/**
 * {@code y[rows, out] = xhat what^T + b} as an exact integer product, of bits where both sides have them. Gradients are those
 * of the dense product of the dequantized operands, with {@code bf16} rounded to it; the weight's passes where
 * {@code -clip < w < clip}. Ref: [TI] 7.5, [STE]
 */
public record QuantizedLinear(Codes x, QuantizedWeight weight, Parameter bias, boolean bf16, Tensor output)
        implements Op {
    /** y of shape [rows, out]; {@code bf16} is about its gradients alone. */
    public static Tensor of(Tape tape, Codes x, QuantizedWeight weight, Parameter bias, boolean bf16) {
        return of(tape, x, weight, bias, bf16, null);
    }

    /** The same, keeping y's largest magnitude in {@code top}. */
    public static Tensor of(Tape tape, Codes x, QuantizedWeight weight, Parameter bias, boolean bf16, Top top) {
        Tensor y = output(tape, x, weight, bias, top);
        product(tape, y, null, x, weight, bias, top);
        tape.record(new QuantizedLinear(x, weight, bias, bf16, y), y.needsGrad());
        return y;
    }

    /** {@link Gelu} of y, made with y in one pass; {@code top} is about it. */
    public static Tensor gelu(Tape tape, Codes x, QuantizedWeight weight, Parameter bias, boolean bf16, Top top) {
        Tensor y = output(tape, x, weight, bias, null);
        Tensor activated = tape.tensor(y.shape(), y.needsGrad(), top);
        product(tape, y, activated, x, weight, bias, top);
        tape.record(new QuantizedLinear(x, weight, bias, bf16, y), y.needsGrad());
        tape.record(new Gelu(y, activated), activated.needsGrad());
        return activated;
    }

    /** y, not yet computed; the weight's codes are fresh. */
    private static Tensor output(Tape tape, Codes x, QuantizedWeight weight, Parameter bias, Top top) {
        Shape w = weight.weight().shape();
        Checks.cols("QuantizedLinear", x.shape(), w.size(1));
        weight.fresh();
        Shape shape = Shape.of(x.shape().rows(), w.size(0));
        return tape.tensor(shape, tape.reaches(x, weight.weight(), bias), top);
    }

    private static void product(
            Tape tape, Tensor y, Tensor gelu, Codes x, QuantizedWeight weight, Parameter bias, Top top) {
        if (x.bits() != null && weight.binary() && weight.scalesByRows()) {
            productOfBits(tape, y, gelu, x, weight, bias, top);
        } else {
            productOfCodes(tape, y, gelu, x, weight, bias, top);
        }
    }

    private static NativeBuffer raw(Tensor gelu) {
        return gelu == null ? null : gelu.value().raw();
    }

    private static void productOfCodes(
            Tape tape, Tensor y, Tensor gelu, Codes x, QuantizedWeight weight, Parameter bias, Top top) {
        Shape w = weight.weight().shape();
        tape.ops()
                .gemm_s8(
                        y.value().raw(),
                        raw(gelu),
                        x.codes().raw(),
                        x.step().raw(),
                        x.group(),
                        weight.panel().raw(),
                        weight.scale().raw(),
                        weight.group(),
                        bias.value().raw(),
                        y.shape().rows(),
                        w.size(0),
                        w.size(1),
                        weight.binary(),
                        Top.raw(top),
                        Top.slot(top));
    }

    private static void productOfBits(
            Tape tape, Tensor y, Tensor gelu, Codes x, QuantizedWeight weight, Parameter bias, Top top) {
        Shape w = weight.weight().shape();
        PackedBits bits = weight.bits();
        tape.ops()
                .gemm_b1(
                        y.value().raw(),
                        raw(gelu),
                        x.bits().bits().raw(),
                        x.bits().counts().raw(),
                        x.step().raw(),
                        x.group(),
                        bits.bits().raw(),
                        bits.counts().raw(),
                        weight.scale().raw(),
                        weight.group(),
                        bias.value().raw(),
                        y.shape().rows(),
                        w.size(0),
                        w.size(1),
                        Top.raw(top),
                        Top.slot(top));
    }

    @Override
    public void backward(Tape tape) {
        Parameter w = weight.weight();
        long in = w.shape().size(1),
                out = w.shape().size(0),
                rows = output.shape().rows();
        var dy = output.grad().raw();
        tape.accumulate(bias, (grad, add) -> tape.ops().sum_rows(grad.raw(), dy, rows, out, add));
        Block dw = tape.scratch(out * in);
        tape.ops()
                .gemm_codes(dw.raw(), dy, x.codes().raw(), x.step().raw(), x.group(), out, in, rows, true, false, bf16);
        tape.ops().ste_clip(dw.raw(), dw.raw(), w.value().raw(), out * in, weight.clip(), false);
        tape.pass(w, dw);
        tape.accumulate(
                x,
                (grad, add) -> tape.ops()
                        .gemm_codes(
                                grad.raw(),
                                dy,
                                weight.codes().raw(),
                                weight.scale().raw(),
                                weight.group(),
                                rows,
                                in,
                                out,
                                false,
                                add,
                                bf16));
    }
}
