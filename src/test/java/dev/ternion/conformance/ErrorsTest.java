package dev.ternion.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ternion.backend.BackendException;
import dev.ternion.backend.Backends;
import dev.ternion.backend.Block;
import dev.ternion.backend.DType;
import dev.ternion.backend.Device;
import dev.ternion.tensor.Codes;
import dev.ternion.tensor.Parameter;
import dev.ternion.tensor.SequenceLayout;
import dev.ternion.tensor.Shape;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.ops.Add;
import dev.ternion.tensor.ops.Attention;
import dev.ternion.tensor.ops.AttentionScores;
import dev.ternion.tensor.ops.CrossEntropyLoss;
import dev.ternion.tensor.ops.Dropout;
import dev.ternion.tensor.ops.Embedding;
import dev.ternion.tensor.ops.Gelu;
import dev.ternion.tensor.ops.LayerNorm;
import dev.ternion.tensor.ops.Linear;
import dev.ternion.tensor.ops.MeanPool;
import dev.ternion.tensor.ops.MseLoss;
import dev.ternion.tensor.ops.Quantize;
import dev.ternion.tensor.ops.QuantizedLinear;
import dev.ternion.tensor.ops.QuantizedWeight;
import dev.ternion.tensor.ops.ResidualNorm;
import dev.ternion.tensor.ops.ScoreMap;
import dev.ternion.tensor.ops.ScoreMseLoss;
import dev.ternion.tensor.ops.SoftCrossEntropyLoss;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is refused, and that the message names operation, value seen and value wanted. */
class ErrorsTest {
    private Device device;
    private Fixture fixture;

    @BeforeEach
    void open() {
        device = Backends.open("cpu", 1);
        fixture = new Fixture(device, Size.PADDED, 1);
    }

    @AfterEach
    void close() {
        fixture.close();
        device.close();
    }

    private void refused(Consumer<Tape> body, String... message) {
        long before = device.ops().bytes_in_use();
        try (Tape tape = Tape.on(device)) {
            assertThatThrownBy(() -> body.accept(tape)).message().contains(message);
        }
        assertThat(device.ops().bytes_in_use()).as("bytes after a refusal").isEqualTo(before);
    }

    @Test
    void shapesThatDoNotFit() {
        Parameter a = fixture.leaf("a", 2, 3), b = fixture.leaf("b", 3, 2), bias = fixture.leaf("c", 1, 2);
        SequenceLayout layout = fixture.layout();
        var slot = fixture.slot();
        refused(t -> Add.of(t, a, b), "[Add]", "[2, 3]", "[3, 2]");
        refused(t -> MseLoss.of(t, a, b, 1, slot), "[MseLoss]", "[2, 3]", "[3, 2]");
        refused(t -> SoftCrossEntropyLoss.of(t, a, b, 1, slot), "[SoftCrossEntropyLoss]", "[2, 3]", "[3, 2]");
        refused(t -> ScoreMseLoss.of(t, a, b, layout, 1, slot), "[ScoreMseLoss]", "[2, 3]", "[3, 2]");
        refused(t -> AttentionScores.of(t, a, b, layout), "[AttentionScores]", "[2, 3]", "[3, 2]");
        refused(t -> AttentionScores.of(t, a, a, layout), "[attention_scores", "wanted 90", "got 6");
        refused(t -> Linear.of(t, a, b, bias, false), "[Linear]", "[2, 3]", "must be 2");
        refused(t -> Linear.of(t, b, b, bias, false), "[gemm bias]", "wanted 3", "got 2");
        refused(t -> MeanPool.of(t, a, layout), "[MeanPool]", "[2, 3]", "wanted 45");
        refused(t -> LayerNorm.of(t, a, bias, bias, 1e-5), "[LayerNorm] gamma", "[1, 2]", "wanted 3");
        Dropout.Mask mask = fixture.mask(0);
        refused(t -> ResidualNorm.of(t, a, b, mask, bias, bias, 1, null), "[ResidualNorm]", "[2, 3]", "[3, 2]");
        refused(t -> ResidualNorm.of(t, a, a, mask, bias, bias, 1, null), "[ResidualNorm] gamma", "wanted 3");
        QuantizedWeight weight = fixture.own(new QuantizedWeight(device, b, false, 6, 2.5));
        refused(
                t -> QuantizedLinear.of(t, Quantize.of(t, a, false, 2.5, 8), weight, bias, false),
                "[QuantizedLinear]",
                "[2, 3]",
                "must be 2");
        assertThatThrownBy(() -> new Tensor(Shape.of(2, 4), a.value(), false))
                .message()
                .contains("[2, 4]", "6");
    }

    @Test
    void dtypesAndValuesOutOfRange() {
        Parameter x = fixture.leaf("x", 4, 8);
        Block wrong = fixture.own(device.allocate(DType.S8, 32)), ids = fixture.ints(0, 3, 4, 1);
        Block negative = fixture.ints(0, -1, 0, 0), labels = fixture.ints(0, 7, 8, 1);
        var slot = fixture.slot();
        refused(t -> Gelu.of(t, new Tensor(Shape.of(4, 8), wrong, true)), "[gelu", "wanted 32", "REAL", "S8");
        refused(t -> Embedding.of(t, x, ids, 4), "[gather_rows]", "id 4", "position 2", "4 rows");
        refused(t -> Embedding.of(t, x, negative, 4), "[gather_rows]", "id -1", "position 1");
        refused(t -> Embedding.of(t, x, ids, 5), "[gather_rows ids]", "wanted 5", "got 4 of S32");
        refused(t -> CrossEntropyLoss.of(t, x, labels, slot), "[cross_entropy]", "label 8", "row 2", "0 .. 7");
        refused(t -> Quantize.of(t, x, false, 2.5, 9), "[quantize_symmetric] bits = 9", "wanted 2 .. 8");
        Dropout.Mask everything = fixture.mask(1);
        SequenceLayout layout = fixture.layout();
        refused(t -> Dropout.of(t, x, everything), "[dropout] p = 1", "[0, 1)");
        Parameter scale = fixture.leaf("scale", 1, 8);
        Dropout.Mask timeless = new Dropout.Mask(0.5, 1, 1, null);
        refused(t -> ResidualNorm.of(t, x, x, everything, scale, scale, 1, null), "[residual_norm] p = 1", "[0, 1)");
        refused(t -> ResidualNorm.of(t, x, x, timeless, scale, scale, 1, null), "[residual_norm] p = 0.5", "a step");
        refused(
                t -> AttentionScores.of(t, Quantize.of(t, x, true, 2.5, 8), x, layout),
                "one step per tensor",
                "groups of 8");
    }

    /** Sums of products of more codes would pass 2^24 and be rounded, on CUDA not as on the CPU. */
    @Test
    void moreCodesThanAreExact() {
        Parameter column = fixture.leaf("column", 1041, 1), row = fixture.leaf("row", 1, 1041);
        Dropout.Mask mask = fixture.mask(0);
        SequenceLayout wide = fixture.own(new SequenceLayout(device, new int[] {0, 1}, new int[] {1}, 1, 1041));
        refused(t -> ScoreMap.of(t, codes(t, row), codes(t, row), wide), "[ScoreMap]", "1041 columns", "at most 1040");
        int[] starts = {0, 1041};
        SequenceLayout layout = fixture.own(new SequenceLayout(device, starts, new int[] {1041}, 1, 1));
        String[] message = {"[Attention]", "1041 real tokens", "at most 1040", "lower max_length"};
        refused(t -> attention(t, column, layout, mask), message);
        layout.refill(starts, new int[] {1040});
        try (Tape tape = Tape.off(device)) {
            attention(tape, column, layout, mask);
        }
        assertThatThrownBy(() -> layout.refill(starts, new int[] {1041}))
                .message()
                .contains(message);
    }

    private static Codes codes(Tape tape, Tensor x) {
        return Quantize.of(tape, x, false, 2.5, 8);
    }

    private static Tensor attention(Tape tape, Tensor x, SequenceLayout layout, Dropout.Mask mask) {
        ScoreMap scores = ScoreMap.of(tape, codes(tape, x), codes(tape, x), layout);
        return Attention.of(tape, scores, codes(tape, x), mask, new Attention.Rounding(2.5, 8));
    }

    @Test
    void badLayoutsAndShapes() {
        assertThatThrownBy(() -> new SequenceLayout(device, new int[] {0, 3}, new int[] {4}, 1, 1))
                .message()
                .contains("sequence 0", "4 valid tokens of 3 rows", "wanted 1 to all");
        assertThatThrownBy(() -> new SequenceLayout(device, new int[] {0, 3}, new int[] {0}, 1, 1))
                .message()
                .contains("0 valid tokens");
        assertThatThrownBy(() -> Shape.of(2, -1)).message().contains("negative");
    }

    @Test
    void useAfterRelease() {
        Parameter x = fixture.leaf("x", 4, 8);
        Tensor y;
        try (Tape tape = Tape.on(device)) {
            y = Gelu.of(tape, x);
        }
        assertThatThrownBy(() -> device.readFloats(y.value()))
                .isInstanceOf(BackendException.class)
                .message()
                .contains("32 REAL", "used after it was released");
        y.value().close();
        Device closed = Backends.open("cpu", 1);
        Block block = closed.allocate(DType.REAL, 3);
        closed.close();
        closed.close();
        block.close();
        assertThatThrownBy(closed::description).message().contains("\"cpu\" is closed");
    }

    @Test
    void unknownDevicesAndThreads() {
        assertThatThrownBy(() -> Backends.open("tpu", 1))
                .isInstanceOf(BackendException.class)
                .message()
                .contains("\"tpu\"", "unknown", "cpu64");
        assertThatThrownBy(() -> Backends.open("cpu", 0)).message().contains("threads = 0", "1 .. 256");
        assertThatThrownBy(() -> Backends.open("cpu", 257)).message().contains("threads = 257", "1 .. 256");
    }
}
