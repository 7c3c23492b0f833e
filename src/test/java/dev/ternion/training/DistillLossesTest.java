package dev.ternion.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.ternion.data.Batch;
import dev.ternion.data.Padding;
import dev.ternion.model.Keep;
import dev.ternion.model.Pass;
import dev.ternion.model.Trace;
import dev.ternion.model.bert.TokenBatch;
import dev.ternion.quant.QuantSpec;
import dev.ternion.tensor.SequenceLayout;
import dev.ternion.tensor.Tape;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Presets, and every part against its formula written down once more. Ref: [TI] 3, 3.1, 3.2, 7.10 */
class DistillLossesTest {
    private static final int S = TinyTask.MAX_LENGTH;
    private static final LossWeights EVERYTHING = new LossWeights(1, 0.5, 2, 0.25, 3, 0.75, false);
    private TinyTask task;

    @AfterEach
    void close() {
        if (task != null) {
            task.close();
        }
    }

    /** A student away from its teacher; the batch is all eight sentences. */
    private void open(int outputs) {
        task = new TinyTask(1, QuantSpec.ternary(), outputs);
        task.disturb(0.1, "");
    }

    private Batch batch(Padding padding, int length) {
        return Batch.of(task.split, IntStream.range(0, 8).toArray(), padding, length);
    }

    private interface Look {
        void at(Trace student, Trace teacher, Batch batch, SequenceLayout layout);
    }

    private Map<String, Double> losses(LossWeights weights, Padding padding, int length, Look look) {
        DistillLosses losses = new DistillLosses(weights, padding, length);
        Batch batch = batch(padding, length);
        Keep keep = look == null ? losses.keep() : Keep.ALL;
        try (StepInputs inputs = new StepInputs(task.device, task.teacher.config(), batch);
                LossBoard board = new LossBoard(task.device);
                Tape outer = Tape.off(task.device);
                Tape tape = Tape.on(task.device)) {
            TokenBatch tokens = inputs.tokens();
            Trace teacher = task.teacher.forward(Pass.plain(outer, tokens.layout(), keep), tokens, null);
            Trace student = task.student.forward(Pass.plain(tape, tokens.layout(), keep), tokens, null);
            losses.record(tape, student, teacher, inputs, board);
            if (look != null) {
                look.at(student, teacher, batch, tokens.layout());
            }
            LossBoard.Terms terms = board.check();
            return terms.sums(board.startRead(terms).finish());
        }
    }

    private Map<String, Double> losses(LossWeights weights, Padding padding, int length) {
        return losses(weights, padding, length, null);
    }

    @Test
    void presets_haveTheirParts() {
        open(3);
        assertThat(losses(LossWeights.tiRelease(), Padding.MASKED, S))
                .containsOnlyKeys("prediction", "representation", "scores", "output", "total");
        assertThat(losses(LossWeights.ternaryBert(), Padding.MASKED, S))
                .containsOnlyKeys("prediction", "representation", "scores", "total");
        assertThat(losses(LossWeights.mapKlVariant(), Padding.MASKED, S))
                .containsOnlyKeys("prediction", "representation", "output", "map_kl", "total");
        assertThat(losses(EVERYTHING, Padding.MASKED, S))
                .containsOnlyKeys(
                        "prediction", "representation", "scores", "output", "map_kl", "ground_truth", "total");
    }

    @Test
    void total_isTheWeightedSum() {
        open(3);
        Map<String, Double> seen = losses(EVERYTHING, Padding.MASKED, S);
        double sum = seen.get("prediction")
                + 0.5 * seen.get("representation")
                + 2 * seen.get("scores")
                + 0.25 * seen.get("output")
                + 3 * seen.get("map_kl")
                + 0.75 * seen.get("ground_truth");
        assertThat(seen.get("total")).isCloseTo(sum, within(1e-12));
    }

    @Test
    void ternaryBert_predictionIsOneShareOfTheReleases() {
        open(3);
        double release = losses(LossWeights.tiRelease(), Padding.MASKED, S).get("prediction");
        double baseline = losses(LossWeights.ternaryBert(), Padding.MASKED, S).get("prediction");
        assertThat(release).isPositive();
        assertThat(baseline).isCloseTo(release / 3, within(1e-6));
    }

    @ParameterizedTest
    @EnumSource(Padding.class)
    void parts_followTheirFormulas(Padding padding) {
        open(3);
        double[] wanted = new double[6];
        Map<String, Double> seen = losses(EVERYTHING, padding, S, (student, teacher, batch, layout) -> {
            wanted[0] = crossEntropy(floats(student.logits()), floats(teacher.logits()));
            wanted[1] = meanSquare(floats(student.embeddings()), floats(teacher.embeddings()));
            for (int l = 0; l < TinyTask.LAYERS; l++) {
                var s = student.layers().get(l);
                var t = teacher.layers().get(l);
                wanted[1] += meanSquare(floats(s.hidden()), floats(t.hidden()));
                wanted[2] += scores(floats(s.scores()), floats(t.scores()), batch, padding);
                wanted[3] += meanSquare(floats(s.attention()), floats(t.attention()));
                wanted[4] += mapKl(floats(s.map()), floats(t.map()), batch);
            }
            wanted[5] = labelEntropy(floats(student.logits()), batch.labels());
        });
        String[] names = {"prediction", "representation", "scores", "output", "map_kl", "ground_truth"};
        for (int i = 0; i < names.length; i++) {
            assertThat(wanted[i]).as(names[i]).isPositive();
            assertThat(seen.get(names[i]) / wanted[i]).as(names[i]).isCloseTo(1, within(1e-4));
        }
    }

    /** The padding oracle of [TI] 7.10. The score loss of MASKED keeps REFERENCE's weight, so it halves like that. */
    @Test
    void paddedToTwiceTheLength_referenceDiffersAndMaskedDoesNot() {
        open(3);
        Map<String, Double> reference = losses(LossWeights.tiRelease(), Padding.REFERENCE, S);
        Map<String, Double> reference2 = losses(LossWeights.tiRelease(), Padding.REFERENCE, 2 * S);
        for (String part : new String[] {"representation", "scores", "output"}) {
            assertThat(Math.abs(reference2.get(part) / reference.get(part) - 1))
                    .as(part)
                    .isGreaterThan(0.01);
        }
        Map<String, Double> masked = losses(LossWeights.tiRelease(), Padding.MASKED, S);
        Map<String, Double> masked2 = losses(LossWeights.tiRelease(), Padding.MASKED, 2 * S);
        for (String part : new String[] {"prediction", "representation", "output"}) {
            assertThat(masked2.get(part)).as(part).isEqualTo(masked.get(part));
        }
        assertThat(2 * masked2.get("scores")).isCloseTo(masked.get("scores"), within(1e-9));
        assertThat(masked.get("representation")).isNotEqualTo(reference.get("representation"));
    }

    @Test
    void scoreDenominator_isDocumentedOne() {
        open(3);
        int tokens = 0, pairs = 0;
        for (int length : TinyTask.LENGTHS) {
            tokens += length;
            pairs += length * length;
        }
        double heads = 4, batch = 8;
        try (TokenBatch masked = Tokens.of(task.device, task.teacher.config(), batch(Padding.MASKED, S));
                TokenBatch padded = Tokens.of(task.device, task.teacher.config(), batch(Padding.REFERENCE, S))) {
            double meanLength = tokens / batch;
            assertThat(new DistillLosses(EVERYTHING, Padding.MASKED, S).scoreDenominator(masked.layout()))
                    .isCloseTo(heads * pairs / (meanLength / S), within(1e-9));
            assertThat(new DistillLosses(EVERYTHING, Padding.REFERENCE, S).scoreDenominator(padded.layout()))
                    .isEqualTo(batch * heads * S * S);
        }
    }

    /** With sentences of one length and equal differences everywhere both modes weigh the scores alike. */
    @Test
    void scoreBalance_equalDifferences_maskedWeighsLikeReference() {
        int n = 6, batch = 5, heads = 4;
        double everyPairDiffersByOne = (double) batch * heads * n * n;
        double padQueriesToo = (double) batch * heads * S * n;
        open(3);
        try (SequenceLayout masked = layout(batch, n, n, heads);
                SequenceLayout padded = layout(batch, S, n, heads)) {
            double seen =
                    everyPairDiffersByOne / new DistillLosses(EVERYTHING, Padding.MASKED, S).scoreDenominator(masked);
            double paper = padQueriesToo / new DistillLosses(EVERYTHING, Padding.REFERENCE, S).scoreDenominator(padded);
            assertThat(seen).isCloseTo(paper, within(1e-12)).isCloseTo((double) n / S, within(1e-12));
        }
    }

    private SequenceLayout layout(int batch, int rows, int valid, int heads) {
        int[] starts = IntStream.rangeClosed(0, batch).map(b -> b * rows).toArray();
        int[] lengths = IntStream.range(0, batch).map(b -> valid).toArray();
        return new SequenceLayout(task.device, starts, lengths, heads, 8);
    }

    @Test
    void regression_squaredErrors() {
        open(1);
        double[] wanted = new double[2];
        Map<String, Double> seen = losses(EVERYTHING, Padding.MASKED, S, (student, teacher, batch, layout) -> {
            float[] labels = batch.labels();
            wanted[0] = meanSquare(floats(student.logits()), floats(teacher.logits()));
            wanted[1] = meanSquare(floats(student.logits()), labels);
        });
        assertThat(seen.get("prediction")).isCloseTo(wanted[0], within(1e-5));
        assertThat(seen.get("ground_truth")).isCloseTo(wanted[1], within(1e-5));
    }

    private float[] floats(dev.ternion.tensor.Tensor tensor) {
        return task.device.readFloats(tensor.value());
    }

    private static double meanSquare(float[] a, float[] b) {
        assertThat(a).hasSameSizeAs(b);
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += ((double) a[i] - b[i]) * ((double) a[i] - b[i]);
        }
        return sum / a.length;
    }

    private static double[] logSoftmax(float[] z, int row, int classes) {
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            sum += Math.exp(z[row * classes + c]);
        }
        double[] logs = new double[classes];
        for (int c = 0; c < classes; c++) {
            logs[c] = z[row * classes + c] - Math.log(sum);
        }
        return logs;
    }

    private static double crossEntropy(float[] student, float[] teacher) {
        double sum = 0;
        for (int row = 0; row < 8; row++) {
            double[] s = logSoftmax(student, row, 3), t = logSoftmax(teacher, row, 3);
            for (int c = 0; c < 3; c++) {
                sum -= Math.exp(t[c]) * s[c];
            }
        }
        return sum / 8;
    }

    private static double labelEntropy(float[] student, float[] labels) {
        double sum = 0;
        for (int row = 0; row < 8; row++) {
            sum -= logSoftmax(student, row, 3)[(int) labels[row]];
        }
        return sum / 8;
    }

    /** Blocks by sequence, then head; pad keys carry nothing, pad queries count as rows. */
    private static double scores(float[] s, float[] t, Batch batch, Padding padding) {
        double sum = 0, validPairs = 0, rows = 0;
        int at = 0;
        for (int b = 0; b < batch.batchSize(); b++) {
            int n = batch.rowsOf(b), valid = batch.valid()[b];
            rows += n;
            validPairs += (double) valid * valid;
            for (int h = 0; h < 4; h++) {
                for (int i = 0; i < n; i++) {
                    for (int j = 0; j < valid; j++) {
                        double d = (double) s[at + i * n + j] - t[at + i * n + j];
                        sum += d * d;
                    }
                }
                at += n * n;
            }
        }
        assertThat(s).hasSize(at);
        return padding == Padding.REFERENCE
                ? sum / (batch.batchSize() * 4.0 * S * S)
                : sum / (4 * validPairs) * (rows / batch.batchSize() / S);
    }

    private static double mapKl(float[] s, float[] t, Batch batch) {
        double sum = 0;
        int at = 0;
        for (int b = 0; b < batch.batchSize(); b++) {
            int n = batch.rowsOf(b), valid = batch.valid()[b];
            for (int h = 0; h < 4; h++) {
                for (int i = 0; i < valid; i++) {
                    for (int j = 0; j < valid; j++) {
                        double p = Math.max(t[at + i * n + j], 1e-8), q = Math.max(s[at + i * n + j], 1e-8);
                        sum += p * (Math.log(p) - Math.log(q)) / valid;
                    }
                }
                at += n * n;
            }
        }
        return sum / (batch.batchSize() * 4);
    }
}
