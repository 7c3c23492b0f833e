package dev.ternion.model;

import dev.ternion.backend.Block;
import dev.ternion.backend.DType;
import dev.ternion.tensor.SequenceLayout;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.ops.LossSlot;
import dev.ternion.tensor.ops.MseLoss;
import dev.ternion.tensor.ops.ScoreLoss;
import dev.ternion.tensor.ops.ScoreMseLoss;
import dev.ternion.tensor.ops.SoftCrossEntropyLoss;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The losses of [TI] 3 by part: "scores l", "attention l", "hidden l" (0 is the embeddings' output) and "logits",
 * with the denominators of 3.1: all rows, pads included. Without pads these are the masked ones.
 *
 * @param wanted which parts are recorded
 */
record Losses(Predicate<String> wanted) {
    static final Losses ALL = new Losses(part -> true);

    static Losses only(String part) {
        return new Losses(part::equals);
    }

    /** Different weights, so that no two parts can stand in for each other. */
    static double weight(String part) {
        return switch (part.charAt(0)) {
            case 's' -> 0.5;
            case 'a' -> 2;
            case 'h' -> 1.5;
            default -> 1;
        };
    }

    Map<String, Double> record(Tape tape, SequenceLayout layout, Trace seen, Trace target) {
        Map<String, Double> values = TinyBert.emptyValues();
        hidden(tape, values, "hidden 0", seen.embeddings(), target.embeddings());
        for (int l = 0; l < seen.layers().size(); l++) {
            LayerTrace s = seen.layers().get(l), t = target.layers().get(l);
            hidden(tape, values, "hidden " + (l + 1), s.hidden(), t.hidden());
            hidden(tape, values, "attention " + l, s.attention(), t.attention());
            if (s.scores() != null) {
                double denominator = layout.heads() * layout.pairCount();
                part(
                        tape,
                        values,
                        "scores " + l,
                        slot -> ScoreMseLoss.of(tape, s.scores(), t.scores(), layout, denominator, slot));
            } else if (s.operands() != null && t.operands() != null) {
                double denominator = layout.heads() * layout.pairCount();
                part(
                        tape,
                        values,
                        "scores " + l,
                        slot -> ScoreLoss.of(tape, s.operands(), t.operands(), denominator, slot));
            }
        }
        part(
                tape,
                values,
                "logits",
                slot -> SoftCrossEntropyLoss.of(tape, seen.logits(), target.logits(), layout.batch(), slot));
        return values;
    }

    private void hidden(Tape tape, Map<String, Double> values, String name, Tensor seen, Tensor target) {
        part(
                tape,
                values,
                name,
                slot -> MseLoss.of(tape, seen, target, target.shape().elements(), slot));
    }

    private interface Recorder {
        void record(LossSlot slot);
    }

    private void part(Tape tape, Map<String, Double> values, String name, Recorder recorder) {
        if (!wanted.test(name)) {
            return;
        }
        try (Block slots = tape.device().allocate(DType.F64, 1)) {
            recorder.record(new LossSlot(slots, 0, weight(name)));
            values.put(name, tape.device().readDoubles(slots)[0]);
        }
    }

    /** Sum of weighted parts. */
    static double total(Map<String, Double> values) {
        double sum = 0;
        for (Map.Entry<String, Double> part : values.entrySet()) {
            sum += weight(part.getKey()) * part.getValue();
        }
        return sum;
    }
}
