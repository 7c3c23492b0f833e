package dev.ternion.tensor.ops;

import dev.ternion.backend.Block;
import dev.ternion.backend.jni.NativeBuffer;
import dev.ternion.tensor.Op;
import dev.ternion.tensor.Parameter;
import dev.ternion.tensor.Shape;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.Top;

/** {@code y = layerNorm(dropout(branch) + skip)} in one pass: {@link Residual} and {@link LayerNorm}. Ref: [LN], [PHILOX] */
public record ResidualNorm(
        Tensor branch,
        Tensor skip,
        Dropout.Mask mask,
        Parameter gamma,
        Parameter beta,
        Tensor sum,
        Tensor mean,
        Tensor rstd,
        Tensor output)
        implements Op {
    /** y of the common shape, keeping its largest magnitude in {@code top} where that is not null. */
    public static Tensor of(
            Tape tape,
            Tensor branch,
            Tensor skip,
            Dropout.Mask mask,
            Parameter gamma,
            Parameter beta,
            double eps,
            Top top) {
        Checks.sameShape("ResidualNorm", branch.shape(), skip.shape());
        long rows = skip.shape().rows(), cols = skip.shape().cols();
        Checks.elements("ResidualNorm", "gamma", gamma.shape(), cols);
        Checks.elements("ResidualNorm", "beta", beta.shape(), cols);
        Tensor y = tape.tensor(skip.shape(), tape.reaches(branch, skip, gamma, beta), top);
        Tensor sum = tape.tensor(skip.shape(), false);
        Tensor mean = tape.tensor(Shape.of(rows), false), rstd = tape.tensor(Shape.of(rows), false);
        tape.ops()
                .residual_norm_forward(
                        y.value().raw(),
                        sum.value().raw(),
                        mean.value().raw(),
                        rstd.value().raw(),
                        branch.value().raw(),
                        skip.value().raw(),
                        gamma.value().raw(),
                        beta.value().raw(),
                        rows,
                        cols,
                        eps,
                        mask.probability(),
                        mask.seed(),
                        mask.site(),
                        raw(mask.step()),
                        Top.raw(top),
                        Top.slot(top));
        tape.record(new ResidualNorm(branch, skip, mask, gamma, beta, sum, mean, rstd, y), y.needsGrad());
        return y;
    }

    @Override
    public void backward(Tape tape) {
        long rows = skip.shape().rows(), cols = skip.shape().cols();
        Block dgamma = tape.scratch(cols), dbeta = tape.scratch(cols);
        Tape.Target toBranch = tape.target(branch), toSkip = tape.target(skip);
        tape.ops()
                .residual_norm_backward(
                        raw(toBranch.grad()),
                        toBranch.add(),
                        raw(toSkip.grad()),
                        toSkip.add(),
                        dgamma.raw(),
                        dbeta.raw(),
                        false,
                        output.grad().raw(),
                        sum.value().raw(),
                        mean.value().raw(),
                        rstd.value().raw(),
                        gamma.value().raw(),
                        rows,
                        cols,
                        mask.probability(),
                        mask.seed(),
                        mask.site(),
                        raw(mask.step()));
        tape.pass(gamma, dgamma);
        tape.pass(beta, dbeta);
        tape.drop(sum);
    }

    private static NativeBuffer raw(Block block) {
        return block == null ? null : block.raw();
    }
}
