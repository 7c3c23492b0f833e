package dev.ternion.tensor.ops;

import dev.ternion.backend.Block;
import dev.ternion.tensor.Codes;
import dev.ternion.tensor.Op;
import dev.ternion.tensor.Parameter;
import dev.ternion.tensor.Shape;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.Top;

/**
 * {@code y[rows, out] = xhat what^T + b} as an exact integer product. Gradients are those of the dense product of the
 * dequantized operands, with {@code bf16} rounded to it; the weight's passes where {@code -clip < w < clip}. Ref: [TI] 7.5, [STE]
 */
public record QuantizedLinear(Codes x, QuantizedWeight weight, Parameter bias, boolean bf16, Tensor output)
        implements Op {
    /** y of shape [rows, out]; {@code bf16} is about its gradients alone. */
    public static Tensor of(Tape tape, Codes x, QuantizedWeight weight, Parameter bias, boolean bf16) {
        return of(tape, x, weight, bias, bf16, null);
    }

    /** The same, keeping y's largest magnitude in {@code top}. */
    public static Tensor of(Tape tape, Codes x, QuantizedWeight weight, Parameter bias, boolean bf16, Top top) {
        Shape w = weight.weight().shape();
        long in = w.size(1), out = w.size(0), rows = x.shape().rows();
        Checks.cols("QuantizedLinear", x.shape(), in);
        weight.fresh();
        Tensor y = tape.tensor(Shape.of(rows, out), tape.reaches(x, weight.weight(), bias), top);
        tape.ops()
                .gemm_s8(
                        y.value().raw(),
                        x.codes().raw(),
                        x.step().raw(),
                        x.group(),
                        weight.panel().raw(),
                        weight.scale().raw(),
                        weight.group(),
                        bias.value().raw(),
                        rows,
                        out,
                        in,
                        Top.raw(top),
                        Top.slot(top));
        tape.record(new QuantizedLinear(x, weight, bias, bf16, y), y.needsGrad());
        return y;
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
