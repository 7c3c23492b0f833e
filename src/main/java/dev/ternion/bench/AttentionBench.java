package dev.ternion.bench;

import dev.ternion.backend.Block;
import dev.ternion.backend.DType;
import dev.ternion.backend.Device;
import dev.ternion.tensor.Codes;
import dev.ternion.tensor.Parameter;
import dev.ternion.tensor.SequenceLayout;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.ops.Attention;
import dev.ternion.tensor.ops.AttentionContext;
import dev.ternion.tensor.ops.AttentionScores;
import dev.ternion.tensor.ops.Dropout;
import dev.ternion.tensor.ops.LossSlot;
import dev.ternion.tensor.ops.MseLoss;
import dev.ternion.tensor.ops.Quantize;
import dev.ternion.tensor.ops.ScoreMap;
import dev.ternion.tensor.ops.Softmax;
import java.util.Arrays;
import java.util.Map;

/**
 * Attention of a quantized student: quantizers, scores, softmax and context, with maps made from their operands or stored;
 * forward alone, and with a squared error and its backward.
 */
final class AttentionBench {
    private static final double CLIP = 2.5;
    private static final int BITS = 8;
    private static final Dropout.Mask NO_DROPOUT = new Dropout.Mask(0, 0, 0, null);

    private AttentionBench() {}

    static Map<String, Object> run(Device device, Cases.Attention c, int repeats) {
        int[] starts = new int[c.batch() + 1], valid = new int[c.batch()];
        Arrays.setAll(starts, b -> b * c.length());
        Arrays.fill(valid, c.length());
        long rows = (long) c.batch() * c.length(), width = (long) c.heads() * c.headDim();
        try (SequenceLayout layout = new SequenceLayout(device, starts, valid, c.heads(), c.headDim());
                Parameter q = Inputs.matrix(device, "q", rows, width, 1);
                Parameter k = Inputs.matrix(device, "k", rows, width, 2);
                Parameter v = Inputs.matrix(device, "v", rows, width, 3);
                Parameter target = Inputs.matrix(device, "target", rows, width, 4);
                Block loss = device.allocate(DType.F64, 1)) {
            LossSlot slot = new LossSlot(loss, 0, 1);
            Map<String, Object> row = Cases.row();
            device.resetPeak();
            Timer.of(device, repeats, () -> {
                        try (Tape tape = Tape.off(device)) {
                            forward(tape, c.storedMaps(), q, k, v, layout);
                        }
                    })
                    .into(row, "forward");
            Timer.of(device, repeats, () -> {
                        try (Tape tape = Tape.on(device)) {
                            MseLoss.of(tape, forward(tape, c.storedMaps(), q, k, v, layout), target, rows, slot);
                            tape.backward();
                        }
                        q.clearGrad();
                        k.clearGrad();
                        v.clearGrad();
                    })
                    .into(row, "forward_backward");
            row.put("peak_mib", device.peakBytes() / 1048576.0);
            return row;
        }
    }

    private static Tensor forward(
            Tape tape, boolean storedMaps, Parameter q, Parameter k, Parameter v, SequenceLayout layout) {
        Codes qHat = codes(tape, q), kHat = codes(tape, k);
        if (!storedMaps) {
            ScoreMap scores = ScoreMap.of(tape, qHat, kHat, layout);
            return Attention.of(
                    tape, scores, codes(tape, v), NO_DROPOUT, new Attention.Rounding(CLIP, BITS), tape.top());
        }
        Tensor scores = AttentionScores.of(tape, qHat, kHat, layout);
        Tensor probs = Softmax.of(tape, scores, layout, tape.top());
        return AttentionContext.of(tape, codes(tape, probs), codes(tape, v), layout, tape.top());
    }

    private static Codes codes(Tape tape, Tensor x) {
        return Quantize.of(tape, x, false, CLIP, BITS);
    }
}
