package dev.ternion.tensor.ops;

import dev.ternion.backend.Block;
import dev.ternion.tensor.Op;
import dev.ternion.tensor.Parameter;
import dev.ternion.tensor.Shape;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.Top;

/** Layer norm over the last dimension with gain and bias. Ref: [LN] */
public record LayerNorm(Tensor x, Parameter gamma, Parameter beta, Tensor mean, Tensor rstd, Tensor output)
        implements Op {
    /** y of x's shape. */
    public static Tensor of(Tape tape, Tensor x, Parameter gamma, Parameter beta, double eps) {
        return of(tape, x, gamma, beta, eps, null);
    }

    /** The same, keeping y's largest magnitude in {@code top} where that is not null. */
    public static Tensor of(Tape tape, Tensor x, Parameter gamma, Parameter beta, double eps, Top top) {
        long rows = x.shape().rows(), cols = x.shape().cols();
        Checks.elements("LayerNorm", "gamma", gamma.shape(), cols);
        Checks.elements("LayerNorm", "beta", beta.shape(), cols);
        Tensor y = tape.tensor(x.shape(), tape.reaches(x, gamma, beta), top);
        Tensor mean = tape.tensor(Shape.of(rows), false);
        Tensor rstd = tape.tensor(Shape.of(rows), false);
        tape.ops()
                .layer_norm_forward(
                        y.value().raw(),
                        mean.value().raw(),
                        rstd.value().raw(),
                        x.value().raw(),
                        gamma.value().raw(),
                        beta.value().raw(),
                        rows,
                        cols,
                        eps,
                        Top.raw(top),
                        Top.slot(top));
        tape.record(new LayerNorm(x, gamma, beta, mean, rstd, y), y.needsGrad());
        return y;
    }

    @Override
    public void backward(Tape tape) {
        long rows = x.shape().rows(), cols = x.shape().cols();
        Block dx = tape.scratch(rows * cols);
        Block dgamma = tape.scratch(cols);
        Block dbeta = tape.scratch(cols);
        tape.ops()
                .layer_norm_backward(
                        dx.raw(),
                        dgamma.raw(),
                        dbeta.raw(),
                        output.grad().raw(),
                        x.value().raw(),
                        mean.value().raw(),
                        rstd.value().raw(),
                        gamma.value().raw(),
                        rows,
                        cols,
                        false);
        tape.pass(x, dx);
        tape.pass(gamma, dgamma);
        tape.pass(beta, dbeta);
    }
}
