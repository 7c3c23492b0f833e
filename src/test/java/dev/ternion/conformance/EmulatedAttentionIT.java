package dev.ternion.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.backend.Backends;
import dev.ternion.backend.Device;
import dev.ternion.tensor.Codes;
import dev.ternion.tensor.SequenceLayout;
import dev.ternion.tensor.Shape;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.ops.Attention;
import dev.ternion.tensor.ops.Quantize;
import dev.ternion.tensor.ops.ScoreLoss;
import dev.ternion.tensor.ops.ScoreMap;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** On the CUDA kernels too attention without maps in memory is attention with them, byte for byte. */
class EmulatedAttentionIT {
    @Test
    void sameBytes() {
        try (Device device = Backends.open("emulated", 1)) {
            AttentionPaths.cases(Size.ONE, Size.PADDED, AttentionPaths.EDGES, AttentionPaths.WIDE)
                    .forEach(c -> AttentionPaths.compare(device, c));
        }
    }

    /** As many keys, or columns of a head, as are allowed; all codes as large as they get. Two more would not do. */
    @Test
    void sameBytesAsTheCpuAtTheLimit() {
        int most = Attention.MOST_EXACT;
        assertThat(largest("emulated", most, 2)).isEqualTo(largest("cpu", most, 2));
        assertThat(largest("emulated", 2, most)).isEqualTo(largest("cpu", 2, most));
    }

    /** The context where all scores are equal, and a loss that sees those. */
    private static double[] largest(String name, int keys, int columns) {
        try (Device device = Backends.open(name, 1);
                SequenceLayout layout = new SequenceLayout(device, new int[] {0, keys}, new int[] {keys}, 1, columns);
                Fixture f = new Fixture(device, Size.ONE, 1);
                Tape tape = Tape.off(device)) {
            Shape shape = Shape.of(keys, columns);
            double[] values = new double[keys * columns];
            Tensor zeros = f.constant(shape, values);
            Arrays.fill(values, 2.5);
            Codes x = Quantize.of(tape, f.constant(shape, values), false, 2.5, 8);
            ScoreMap scores = ScoreMap.of(tape, x, x, layout);
            Tensor context = Attention.of(tape, scores, x, f.mask(0), new Attention.Rounding(2.5, 8));
            ScoreLoss.of(tape, scores, ScoreMap.of(tape, zeros, zeros, layout), 1, f.slot());
            double[] all = Arrays.copyOf(device.readDoubles(context.value()), keys * columns + 1);
            all[keys * columns] = f.loss();
            return all;
        }
    }
}
