package dev.ternion.tensor.ops;

import dev.ternion.tensor.Op;
import dev.ternion.tensor.Parameter;
import dev.ternion.tensor.Shape;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;

/** {@code y[rows, out] = x[rows, in] w[out, in]^T + b[out]} of real numbers. */
public record Linear(Tensor x, Parameter weight, Parameter bias, Tensor output) implements Op {
    /** y of shape [rows, out]; {@code bf16} rounds x and w to it. Gradients are in f32. */
    public static Tensor of(Tape tape, Tensor x, Parameter weight, Parameter bias, boolean bf16) {
        long in = weight.shape().size(1),
                out = weight.shape().size(0),
                rows = x.shape().rows();
        Checks.cols("Linear", x.shape(), in);
        Tensor y = tape.tensor(Shape.of(rows, out), tape.reaches(x, weight, bias));
        tape.ops()
                .gemm(
                        y.value().raw(),
                        x.value().raw(),
                        weight.value().raw(),
                        bias.value().raw(),
                        rows,
                        out,
                        in,
                        false,
                        true,
                        false,
                        bf16);
        tape.record(new Linear(x, weight, bias, y), y.needsGrad());
        return y;
    }

    @Override
    public void backward(Tape tape) {
        long in = weight.shape().size(1),
                out = weight.shape().size(0),
                rows = output.shape().rows();
        var dy = output.grad().raw();
        tape.accumulate(bias, (grad, add) -> tape.ops().sum_rows(grad.raw(), dy, rows, out, add));
        tape.accumulate(
                weight,
                (grad, add) ->
                        tape.ops().gemm(grad.raw(), dy, x.value().raw(), null, out, in, rows, true, false, add, false));
        tape.accumulate(
                x,
                (grad, add) -> tape.ops()
                        .gemm(grad.raw(), dy, weight.value().raw(), null, rows, in, out, false, false, add, false));
    }
}
