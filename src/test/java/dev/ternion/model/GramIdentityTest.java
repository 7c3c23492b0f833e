package dev.ternion.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.ternion.backend.Backends;
import dev.ternion.backend.Block;
import dev.ternion.backend.DType;
import dev.ternion.backend.Device;
import dev.ternion.conformance.Draws;
import dev.ternion.tensor.Compare;
import dev.ternion.tensor.Parameter;
import dev.ternion.tensor.SequenceLayout;
import dev.ternion.tensor.Shape;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.ops.AttentionScores;
import dev.ternion.tensor.ops.LossSlot;
import dev.ternion.tensor.ops.ScoreMseLoss;
import org.junit.jupiter.api.Test;

/** The score loss and its gradient from two Gram matrices of one head, without scores. Ref: [TI] 7.3 */
class GramIdentityTest {
    private static final int S = 9;
    private static final int VALID = 6;
    private static final int DH = 5;

    /** [q_S | q_T], or [k_S | -k_T] with rows from {@code valid} on zeroed. */
    private static double[][] beside(double[] student, double[] teacher, int sign, int valid) {
        double[][] rows = new double[S][2 * DH];
        for (int i = 0; i < valid; i++) {
            for (int d = 0; d < DH; d++) {
                rows[i][d] = student[i * DH + d];
                rows[i][DH + d] = sign * teacher[i * DH + d];
            }
        }
        return rows;
    }

    private static double[][] gram(double[][] rows) {
        double[][] gram = new double[2 * DH][2 * DH];
        for (double[] row : rows) {
            for (int a = 0; a < 2 * DH; a++) {
                for (int b = 0; b < 2 * DH; b++) {
                    gram[a][b] += row[a] * row[b];
                }
            }
        }
        return gram;
    }

    /** (2 / dh) times the first dh columns of rows gram, over the denominator. */
    private static double[] gradient(double[][] rows, double[][] gram) {
        double[] gradient = new double[S * DH];
        for (int i = 0; i < S * DH; i++) {
            for (int a = 0; a < 2 * DH; a++) {
                gradient[i] += 2.0 / DH / (S * S) * rows[i / DH][a] * gram[a][i % DH];
            }
        }
        return gradient;
    }

    @Test
    void equalsTheLossOverScores() {
        Draws draws = new Draws(8);
        double[][] v = new double[4][];
        for (int i = 0; i < 4; i++) {
            v[i] = draws.normals(S * DH, 1);
        }
        double[][] u = beside(v[0], v[1], 1, S), w = beside(v[2], v[3], -1, VALID);
        double[][] uu = gram(u), ww = gram(w);
        double wanted = 0;
        for (int a = 0; a < 2 * DH; a++) {
            for (int b = 0; b < 2 * DH; b++) {
                wanted += uu[a][b] * ww[a][b] / DH / (S * S);
            }
        }
        try (Device device = Backends.open("cpu64", 2);
                SequenceLayout layout = new SequenceLayout(device, new int[] {0, S}, new int[] {VALID}, 1, DH);
                Block slots = device.allocate(DType.F64, 1);
                Tape tape = Tape.on(device)) {
            Parameter[] p = new Parameter[4];
            for (int i = 0; i < 4; i++) {
                p[i] = new Parameter("p" + i, Shape.of(S, DH), device.allocate(DType.REAL, S * DH));
                device.writeDoubles(p[i].value(), v[i]);
            }
            Tensor student = AttentionScores.of(tape, p[0], p[2], layout);
            Tensor teacher = AttentionScores.of(tape, p[1].detached(), p[3].detached(), layout);
            ScoreMseLoss.of(tape, student, teacher, layout, S * S, new LossSlot(slots, 0, 1));
            assertThat(device.readDoubles(slots)[0]).isCloseTo(wanted, within(1e-9 * wanted));
            tape.backward();
            Compare.close("dq", device.readDoubles(p[0].grad()), gradient(u, ww), 1e-9);
            Compare.close("dk", device.readDoubles(p[2].grad()), gradient(w, uu), 1e-9);
            for (Parameter parameter : p) {
                parameter.close();
            }
        }
    }
}
