package dev.ternion.training;

import dev.ternion.data.Batch;
import dev.ternion.data.EncodedSplit;
import dev.ternion.data.Padding;
import dev.ternion.intervention.Site;
import dev.ternion.model.Keep;
import dev.ternion.model.Pass;
import dev.ternion.model.TeacherSignals;
import dev.ternion.model.Trace;
import dev.ternion.model.bert.BertModel;
import dev.ternion.model.bert.TokenBatch;
import dev.ternion.tensor.Tape;
import dev.ternion.training.metrics.Predictions;
import java.util.stream.IntStream;

/** Predictions of a model over a split, in order, in batches of a fixed size. */
public final class Evaluator {
    private final EncodedSplit split;
    private final int rows;
    private final int batchSize;
    private final Padding padding;
    private final int maxLength;

    /** @param rows only the first rows of the split */
    public Evaluator(EncodedSplit split, int rows, int batchSize, Padding padding, int maxLength) {
        this.split = split;
        this.rows = Math.min(rows, split.size());
        this.batchSize = batchSize;
        this.padding = padding;
        this.maxLength = maxLength;
    }

    /**
     * The model alone: as deployed.
     *
     * @param step steps trained so far, for the message of {@link NonFiniteLoss}
     */
    public Predictions deployed(BertModel model, int step) {
        return run(model, null, null, step);
    }

    /** The student with the teacher's signals in place at {@code site}; see {@link #deployed}. */
    public Predictions intervened(BertModel student, BertModel teacher, Site site, int step) {
        return run(student, teacher, site, step);
    }

    private Predictions run(BertModel model, BertModel teacher, Site site, int step) {
        Predictions all = null;
        for (int begin = 0; begin < rows; begin += batchSize) {
            int[] indices =
                    IntStream.range(begin, Math.min(begin + batchSize, rows)).toArray();
            Batch batch = Batch.of(split, indices, padding, maxLength);
            float[] logits = logits(model, teacher, site, batch);
            NonFiniteLoss.check(step, logits);
            Predictions some = Predictions.fromLogits(logits, batch.labels());
            all = all == null ? some : all.then(some);
        }
        return all;
    }

    private static float[] logits(BertModel model, BertModel teacher, Site site, Batch batch) {
        var device = model.parameters().device();
        try (TokenBatch tokens = Tokens.of(device, model.config(), batch);
                Tape tape = Tape.off(device)) {
            TeacherSignals signals = null;
            if (site != null) {
                Pass pass = Pass.plain(tape, tokens.layout(), Keep.NOTHING.replacing(site));
                signals = new TeacherSignals(site, teacher.forward(pass, tokens, null));
            }
            Trace trace = model.forward(Pass.plain(tape, tokens.layout(), Keep.NOTHING), tokens, signals);
            return device.readFloats(trace.logits().value());
        }
    }
}
