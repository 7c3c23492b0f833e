package dev.ternion.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.backend.Backends;
import dev.ternion.backend.Block;
import dev.ternion.backend.DType;
import dev.ternion.backend.Device;
import dev.ternion.conformance.Draws;
import dev.ternion.data.Batch;
import dev.ternion.data.EncodedSplit;
import dev.ternion.data.Padding;
import dev.ternion.model.bert.BertConfig;
import dev.ternion.model.bert.BertModel;
import dev.ternion.model.bert.TokenBatch;
import dev.ternion.quant.QuantSpec;
import dev.ternion.tensor.Compare;
import dev.ternion.tensor.SequenceLayout;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.ops.LossSlot;
import dev.ternion.tensor.ops.MseLoss;
import dev.ternion.tensor.ops.ScoreMseLoss;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One batch padded to S and to 2 S: losses of REFERENCE padding differ, of MASKED padding they are equal. [TI] 3.1 */
class PaddingTest {
    private static final int S = 8;
    private Device device;
    private TinyBert models;

    private void open(String name, QuantSpec quant) {
        device = Backends.open(name, 1);
        models = new TinyBert(device, quant, 0).disturbed(0.1);
    }

    @AfterEach
    void close() {
        models.close();
        device.close();
    }

    /** Losses, logits and the hidden states of valid rows. */
    private record Seen(TreeMap<String, Double> losses, double[] logits, double[] validHidden, long rows, long pairs) {}

    private static EncodedSplit split() {
        int[][] ids = new int[3][], types = new int[3][];
        for (int i = 0; i < 3; i++) {
            Draws draws = new Draws(4, i);
            ids[i] = draws.ints(TinyBert.LENGTHS[i], 50);
            types[i] = draws.ints(TinyBert.LENGTHS[i], 2);
        }
        return new EncodedSplit(ids, types, new float[3]);
    }

    private Seen run(Padding padding, int length) {
        Batch b = Batch.of(split(), new int[] {0, 1, 2}, padding, length);
        BertConfig config = models.config;
        try (TokenBatch batch =
                        new TokenBatch(device, config, b.ids(), b.typeIds(), b.positions(), b.starts(), b.valid());
                Tape tape = Tape.off(device)) {
            Trace wanted = forward(tape, models.teacher, batch), seen = forward(tape, models.student, batch);
            SequenceLayout layout = batch.layout();
            boolean masked = padding == Padding.MASKED;
            double rows = masked ? b.ids().length : b.batchSize() * (double) length;
            double pairs = masked ? layout.pairCount() : b.batchSize() * (double) length * length;
            TreeMap<String, Double> losses = new TreeMap<>();
            for (int l = 0; l < TinyBert.LAYERS; l++) {
                LayerTrace s = seen.layers().get(l), t = wanted.layers().get(l);
                losses.put(
                        "hidden " + l,
                        loss(slot -> MseLoss.of(tape, s.hidden(), t.hidden(), rows * TinyBert.HIDDEN, slot)));
                losses.put(
                        "attention " + l,
                        loss(slot -> MseLoss.of(tape, s.attention(), t.attention(), rows * TinyBert.HIDDEN, slot)));
                losses.put(
                        "scores " + l,
                        loss(slot ->
                                ScoreMseLoss.of(tape, s.scores(), t.scores(), layout, TinyBert.HEADS * pairs, slot)));
            }
            double[] hidden = device.readDoubles(
                    seen.layers().get(TinyBert.LAYERS - 1).hidden().value());
            return new Seen(
                    losses,
                    device.readDoubles(seen.logits().value()),
                    valid(b, hidden),
                    layout.rows(),
                    layout.pairCount());
        }
    }

    private static Trace forward(Tape tape, BertModel model, TokenBatch batch) {
        return model.forward(Pass.plain(tape, batch.layout(), Keep.ALL), batch, null);
    }

    private interface Recorder {
        void record(LossSlot slot);
    }

    private double loss(Recorder recorder) {
        try (Block slots = device.allocate(DType.F64, 1)) {
            recorder.record(new LossSlot(slots, 0, 1));
            return device.readDoubles(slots)[0];
        }
    }

    private static double[] valid(Batch batch, double[] hidden) {
        double[] kept = new double[15 * TinyBert.HIDDEN];
        int at = 0;
        for (int b = 0; b < 3; b++) {
            int n = batch.valid()[b] * TinyBert.HIDDEN;
            System.arraycopy(hidden, batch.starts()[b] * TinyBert.HIDDEN, kept, at, n);
            at += n;
        }
        return kept;
    }

    @Test
    void referenceLossesDependOnTheLengthAndMaskedOnesDoNot() {
        open("cpu", QuantSpec.ternary());
        Seen s = run(Padding.REFERENCE, S), s2 = run(Padding.REFERENCE, 2 * S);
        assertThat(s.rows).isEqualTo(3 * S);
        assertThat(s2.pairs).isEqualTo(3 * 4 * S * S);
        s.losses.forEach((part, loss) ->
                assertThat(Math.abs(s2.losses.get(part) / loss - 1)).as(part).isGreaterThan(0.01));
        Seen m = run(Padding.MASKED, S), m2 = run(Padding.MASKED, 2 * S);
        assertThat(m.rows).isEqualTo(15);
        assertThat(m.pairs).isEqualTo(9 + 49 + 25);
        assertThat(m2.losses).isEqualTo(m.losses);
        Compare.sameBytes("logits", m2.logits, m.logits);
    }

    /** Pads are never keys: in full precision they change no valid row. */
    @Test
    void padsTouchNoValidRow() {
        open("cpu64", null);
        Seen masked = run(Padding.MASKED, S);
        for (int length : new int[] {S, 2 * S}) {
            Seen padded = run(Padding.REFERENCE, length);
            Compare.close("hidden", padded.validHidden, masked.validHidden, 1e-12);
            Compare.close("logits", padded.logits, masked.logits, 1e-12);
        }
    }
}
