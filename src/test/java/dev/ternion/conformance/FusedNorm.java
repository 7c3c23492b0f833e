package dev.ternion.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.backend.Device;
import dev.ternion.tensor.Parameter;
import dev.ternion.tensor.Shape;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.ops.Add;
import dev.ternion.tensor.ops.Dropout;
import dev.ternion.tensor.ops.LayerNorm;
import dev.ternion.tensor.ops.Residual;
import dev.ternion.tensor.ops.ResidualNorm;

/** ResidualNorm gives the bytes of its composite, Residual and LayerNorm: result, and gradients that are written or added. */
final class FusedNorm {
    private interface Norm {
        Tensor of(Tape tape, Leaves leaves);
    }

    private record Leaves(Parameter branch, Parameter skip, Parameter gamma, Parameter beta, Dropout.Mask mask) {}

    private FusedNorm() {}

    static void sameBytesAsComposite(Device device) {
        for (Size size : new Size[] {Size.ONE, Size.PADDED, Size.BIG}) {
            for (double probability : new double[] {0, 0.3}) {
                for (boolean usedAgain : new boolean[] {false, true}) {
                    OpRun fused = run(device, size, probability, usedAgain, FusedNorm::fused);
                    OpRun composite = run(device, size, probability, usedAgain, FusedNorm::composite);
                    String what = "%s, p = %s, used again %s".formatted(size, probability, usedAgain);
                    assertThat(fused.values()).as(what).isEqualTo(composite.values());
                    assertThat(fused.gradients().keySet())
                            .isEqualTo(composite.gradients().keySet());
                    fused.gradients()
                            .forEach((leaf, gradient) -> assertThat(gradient)
                                    .as("d%s, %s", leaf, what)
                                    .isNotNull()
                                    .isEqualTo(composite.gradients().get(leaf)));
                }
            }
        }
    }

    private static Tensor fused(Tape tape, Leaves l) {
        return ResidualNorm.of(tape, l.branch, l.skip, l.mask, l.gamma, l.beta, 1e-12, null);
    }

    private static Tensor composite(Tape tape, Leaves l) {
        return LayerNorm.of(tape, Residual.of(tape, l.branch, l.skip, l.mask), l.gamma, l.beta, 1e-12);
    }

    /** What uses branch and skip again comes later, so that its gradients are there first. */
    private static OpRun run(Device device, Size size, double probability, boolean usedAgain, Norm norm) {
        try (Fixture f = new Fixture(device, size, OpRun.SEED)) {
            long rows = f.size.rows(), cols = f.size.cols();
            Leaves leaves = new Leaves(
                    f.leaf("branch", rows, cols),
                    f.leaf("skip", rows, cols),
                    f.leaf("gamma", Shape.of(cols), f.draws.uniforms(cols, 0.5, 1.5)),
                    f.leaf("beta", Shape.of(cols), f.draws.normals(cols, 0.2)),
                    f.mask(probability));
            return OpRun.of(f, tape -> {
                Tensor y = norm.of(tape, leaves);
                return usedAgain ? Add.of(tape, Add.of(tape, y, leaves.branch), leaves.skip) : y;
            });
        }
    }
}
