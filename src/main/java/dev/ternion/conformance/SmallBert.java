package dev.ternion.conformance;

import dev.ternion.backend.Block;
import dev.ternion.backend.DType;
import dev.ternion.backend.Device;
import dev.ternion.intervention.Site;
import dev.ternion.model.Keep;
import dev.ternion.model.Pass;
import dev.ternion.model.TeacherSignals;
import dev.ternion.model.Trace;
import dev.ternion.model.bert.BertConfig;
import dev.ternion.model.bert.BertModel;
import dev.ternion.model.bert.TokenBatch;
import dev.ternion.quant.QuantSpec;
import dev.ternion.tensor.Parameter;
import dev.ternion.tensor.Tape;

/** A teacher, a student beside it and a batch, the same on every device. */
final class SmallBert implements AutoCloseable {
    static final BertConfig CONFIG = new BertConfig(50, 40, 2, 32, 3, 4, 64, 1e-12, BertConfig.Pooling.POOLER, 3);
    private static final int[] LENGTHS = {3, 7, 5};
    private static final double DROPOUT = 0.1;

    private final BertModel teacher;
    private final BertModel student;
    private final TokenBatch batch;
    private final Block step;

    /** @param pads rows of every sequence; 0 for packed sequences without pads */
    SmallBert(Device device, QuantSpec quant, int pads) {
        teacher = new BertModel(device, CONFIG, null);
        student = new BertModel(device, CONFIG, quant);
        fill(device, teacher, 1);
        fill(device, student, 2);
        batch = batch(device, pads);
        step = device.allocate(DType.S32, 1);
        device.writeInts(step, 17);
    }

    /** Weights as wide as those of trained models; gains around 1. */
    private static void fill(Device device, BertModel model, long seed) {
        int place = 0;
        for (Parameter p : model.parameters().all()) {
            boolean gain = p.name().endsWith("LayerNorm.weight");
            Draws draws = new Draws(seed, place++);
            double[] values = draws.normals(p.shape().elements(), p.shape().rank() > 1 ? 0.25 : 0.1);
            for (int i = 0; gain && i < values.length; i++) {
                values[i] = (float) (values[i] + 1);
            }
            device.writeDoubles(p.value(), values);
            p.changed();
        }
    }

    private static TokenBatch batch(Device device, int pads) {
        int rows = 0;
        int[] starts = new int[LENGTHS.length + 1];
        for (int b = 0; b < LENGTHS.length; b++) {
            rows += pads == 0 ? LENGTHS[b] : pads;
            starts[b + 1] = rows;
        }
        int[] ids = new int[rows], types = new int[rows], positions = new int[rows];
        for (int b = 0; b < LENGTHS.length; b++) {
            Draws draws = new Draws(3, b);
            for (int i = 0; i < starts[b + 1] - starts[b]; i++) {
                boolean real = i < LENGTHS[b];
                ids[starts[b] + i] = real ? 1 + draws.below(CONFIG.vocabulary() - 1) : 0;
                types[starts[b] + i] = real && i > LENGTHS[b] / 2 ? 1 : 0;
                positions[starts[b] + i] = i;
            }
        }
        return new TokenBatch(device, CONFIG, ids, types, positions, starts, LENGTHS);
    }

    BertModel teacher() {
        return teacher;
    }

    BertModel student() {
        return student;
    }

    /** The teacher's pass on a tape that the caller closes. */
    Trace teach(Tape tape) {
        return teacher.forward(Pass.plain(tape, batch.layout(), Keep.ALL), batch, null);
    }

    /** The student's pass with dropout, and with an intervention unless the site is null. */
    Trace learn(Tape tape, Trace taught, Site site) {
        TeacherSignals signals = site == null ? null : new TeacherSignals(site, taught);
        return student.forward(new Pass(tape, batch.layout(), Keep.ALL, DROPOUT, 5, step), batch, signals);
    }

    @Override
    public void close() {
        step.close();
        batch.close();
        student.close();
        teacher.close();
    }
}
