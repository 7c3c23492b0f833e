package dev.ternion.model;

import dev.ternion.tensor.Parameter;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.Top;
import dev.ternion.tensor.ops.Dropout;
import dev.ternion.tensor.ops.ResidualNorm;

/** Layer norm with parameters {@code name.weight} (gain) and {@code name.bias}. */
public final class LayerNorm {
    private final Parameter weight;
    private final Parameter bias;
    private final double eps;

    public LayerNorm(Parameters parameters, String name, long size, double eps) {
        weight = parameters.create(name + ".weight", size);
        bias = parameters.create(name + ".bias", size);
        this.eps = eps;
    }

    /** y of x's shape, keeping its largest magnitude in {@code top} where that is not null. */
    public Tensor forward(Tape tape, Tensor x, Top top) {
        return dev.ternion.tensor.ops.LayerNorm.of(tape, x, weight, bias, eps, top);
    }

    /** The layer norm of {@code dropout(branch) + skip}, keeping its largest magnitude in {@code top} where that is not null. */
    Tensor residual(Tape tape, Tensor branch, Tensor skip, Dropout.Mask mask, Top top) {
        return ResidualNorm.of(tape, branch, skip, mask, weight, bias, eps, top);
    }
}
