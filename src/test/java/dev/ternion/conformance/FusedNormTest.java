package dev.ternion.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.backend.Backends;
import dev.ternion.backend.Device;
import dev.ternion.tensor.Shape;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.ops.ResidualNorm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link FusedNorm} on the CPU. */
class FusedNormTest {
    @ParameterizedTest
    @ValueSource(strings = {"cpu", "cpu:portable", "cpu64"})
    void sameBytesAsComposite(String name) {
        try (Device device = Backends.open(name, 2)) {
            FusedNorm.sameBytesAsComposite(device);
        }
    }

    /** As under an intervention at OUTPUT, where the branch is the teacher's. */
    @Test
    void aBranchWithoutGradientGetsNone() {
        try (Device device = Backends.open("cpu", 2);
                Fixture f = new Fixture(device, Size.PADDED, 1);
                Tape tape = Tape.on(device)) {
            long rows = f.size.rows(), cols = f.size.cols();
            Tensor branch = f.constant(Shape.of(rows, cols), f.draws.normals(rows * cols, 1));
            var skip = f.leaf("skip", rows, cols);
            var gamma = f.leaf("gamma", Shape.of(cols), f.draws.uniforms(cols, 0.5, 1.5));
            var beta = f.leaf("beta", Shape.of(cols), f.draws.normals(cols, 1));
            Tensor y = ResidualNorm.of(tape, branch, skip, f.mask(0.3), gamma, beta, 1e-12, null);
            tape.accumulate(y, (grad, add) -> device.ops().set_all(grad.raw(), 1));
            tape.backward();
            assertThat(branch.grad()).isNull();
            assertThat(skip.grad()).isNotNull();
            f.leaves.values().forEach(leaf -> leaf.clearGrad());
        }
    }
}
