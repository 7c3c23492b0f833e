package dev.ternion.training;

import dev.ternion.data.Padding;
import dev.ternion.model.Keep;
import dev.ternion.model.LayerTrace;
import dev.ternion.model.Trace;
import dev.ternion.tensor.SequenceLayout;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.ops.LossSlot;
import dev.ternion.tensor.ops.MapKlLoss;
import dev.ternion.tensor.ops.MseLoss;
import dev.ternion.tensor.ops.ScoreLoss;
import dev.ternion.tensor.ops.ScoreMseLoss;
import dev.ternion.tensor.ops.SoftCrossEntropyLoss;

/**
 * The losses between student and teacher. Ref: [TI] section 3.
 *
 * <p>Denominators. REFERENCE: means over all rows and all pairs of the fixed length, pads included, as the paper's code
 * has it. MASKED: means over valid rows; the score loss is the mean over valid pairs times (mean length / maximum
 * length), which is the weight it has in REFERENCE mode, where pad keys stay in the denominator. MASKED batches hold no pads:
 * their rows and pairs are the valid ones.
 */
public final class DistillLosses {
    /** Names of the parts, as reported. */
    public static final String PREDICTION = "prediction",
            REPRESENTATION = "representation",
            SCORES = "scores",
            OUTPUT = "output",
            MAP_KL = "map_kl",
            GROUND_TRUTH = "ground_truth";

    private final LossWeights weights;
    private final Padding padding;
    private final int maxLength;

    /** @param maxLength nominal sequence length S, for the weight of the score loss in MASKED mode */
    public DistillLosses(LossWeights weights, Padding padding, int maxLength) {
        this.weights = weights;
        this.padding = padding;
        this.maxLength = maxLength;
    }

    /** Signals that the losses compare, for student and teacher alike. */
    public Keep keep() {
        return new Keep(
                weights.scores() != 0 && wholeMaps(),
                wholeMaps(),
                false,
                false,
                weights.output() != 0,
                weights.representation() != 0,
                weights.scores() != 0 && !wholeMaps());
    }

    /** The loss on maps reads their elements; without it scores are compared by their operands. */
    private boolean wholeMaps() {
        return weights.mapKl() != 0;
    }

    /** Computes all parts whose weight is not 0 and records them on the tape. */
    public void record(Tape tape, Trace student, Trace teacher, StepInputs inputs, LossBoard board) {
        SequenceLayout layout = inputs.tokens().layout();
        long rowElements = student.pooled().shape().cols() * layout.rows();
        if (weights.representation() != 0) {
            mse(
                    tape,
                    student.embeddings(),
                    teacher.embeddings(),
                    rowElements,
                    board,
                    REPRESENTATION,
                    weights.representation());
        }
        for (int l = 0; l < student.layers().size(); l++) {
            layer(tape, student.layers().get(l), teacher.layers().get(l), rowElements, layout, board);
        }
        predictions(tape, student.logits(), teacher.logits(), board);
        groundTruth(tape, student.logits(), inputs.labels(), board);
    }

    private void layer(
            Tape tape,
            LayerTrace student,
            LayerTrace teacher,
            long rowElements,
            SequenceLayout layout,
            LossBoard board) {
        if (weights.scores() != 0) {
            scores(tape, student, teacher, layout, board.slot(SCORES, weights.scores()));
        }
        if (weights.mapKl() != 0) {
            MapKlLoss.of(tape, student.map(), teacher.map(), layout, board.slot(MAP_KL, weights.mapKl()));
        }
        if (weights.output() != 0) {
            mse(tape, student.attention(), teacher.attention(), rowElements, board, OUTPUT, weights.output());
        }
        if (weights.representation() != 0) {
            mse(tape, student.hidden(), teacher.hidden(), rowElements, board, REPRESENTATION, weights.representation());
        }
    }

    private void scores(Tape tape, LayerTrace student, LayerTrace teacher, SequenceLayout layout, LossSlot slot) {
        double denominator = scoreDenominator(layout);
        if (wholeMaps()) {
            ScoreMseLoss.of(tape, student.scores(), teacher.scores(), layout, denominator, slot);
        } else {
            ScoreLoss.of(tape, student.operands(), teacher.operands(), denominator, slot);
        }
    }

    /** Number by which the sum of squared score differences is divided. */
    double scoreDenominator(SequenceLayout layout) {
        if (padding == Padding.REFERENCE) {
            return (double) layout.heads() * layout.pairCount();
        }
        double lengthShare = (double) layout.rows() / ((double) layout.batch() * maxLength);
        return layout.heads() * layout.pairCount() / lengthShare;
    }

    private static void mse(Tape tape, Tensor x, Tensor target, double n, LossBoard board, String part, double weight) {
        MseLoss.of(tape, x, target, n, board.slot(part, weight));
    }

    private void predictions(Tape tape, Tensor logits, Tensor target, LossBoard board) {
        if (weights.prediction() == 0) {
            return;
        }
        double rows = logits.shape().rows();
        var slot = board.slot(PREDICTION, weights.prediction());
        if (logits.shape().cols() == 1) {
            MseLoss.of(tape, logits, target, rows, slot);
        } else {
            double classes = weights.predictionPerClass() ? logits.shape().cols() : 1;
            SoftCrossEntropyLoss.of(tape, logits, target, rows * classes, slot);
        }
    }

    private void groundTruth(Tape tape, Tensor logits, Labels labels, LossBoard board) {
        if (weights.groundTruth() != 0) {
            labels.loss(tape, logits, board.slot(GROUND_TRUTH, weights.groundTruth()));
        }
    }
}
