package dev.ternion.model;

import dev.ternion.backend.Block;
import dev.ternion.backend.DType;
import dev.ternion.backend.Device;
import dev.ternion.conformance.Draws;
import dev.ternion.intervention.Site;
import dev.ternion.model.bert.BertConfig;
import dev.ternion.model.bert.BertModel;
import dev.ternion.model.bert.TokenBatch;
import dev.ternion.quant.QuantSpec;
import dev.ternion.tensor.Parameter;
import dev.ternion.tensor.Tape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** A teacher, a student and a batch, small enough for loops over everything. */
final class TinyBert implements AutoCloseable {
    static final int LAYERS = 3;
    static final int HIDDEN = 32;
    static final int HEADS = 4;
    static final int[] LENGTHS = {3, 7, 5};

    final Device device;
    final BertConfig config;
    final BertModel teacher;
    final BertModel student;
    final TokenBatch batch;
    private final Block step;
    double dropout = 0;
    Keep keep = Keep.ALL;

    /** @param pads rows of every sequence; 0 for packed sequences without pads */
    TinyBert(Device device, QuantSpec quant, int pads) {
        this.device = device;
        config = new BertConfig(50, 40, 2, HIDDEN, LAYERS, HEADS, 64, 1e-12, BertConfig.Pooling.POOLER, 3);
        teacher = new BertModel(device, config, null);
        student = new BertModel(device, config, quant);
        fill(teacher, 1, 1);
        student.parameters().copyFrom(teacher.parameters());
        batch = batch(device, config, pads);
        step = device.allocate(DType.S32, 1);
        device.writeInts(step, 17);
    }

    /** Weights as wide as those of trained models; gains around 1. */
    private static void fill(BertModel model, long seed, double scale) {
        int place = 0;
        for (Parameter p : model.parameters().all()) {
            Draws draws = new Draws(seed, place++);
            boolean gain = p.name().endsWith("LayerNorm.weight");
            double[] values = draws.normals(p.shape().elements(), p.shape().rank() > 1 ? 0.25 * scale : 0.1 * scale);
            for (int i = 0; gain && i < values.length; i++) {
                values[i] = (float) (values[i] + 1);
            }
            set(model, p, values);
        }
    }

    static void set(BertModel model, Parameter p, double[] values) {
        model.parameters().device().writeDoubles(p.value(), values);
        p.changed();
    }

    private static TokenBatch batch(Device device, BertConfig config, int pads) {
        int rows = 0;
        int[] starts = new int[LENGTHS.length + 1];
        for (int b = 0; b < LENGTHS.length; b++) {
            rows += pads == 0 ? LENGTHS[b] : pads;
            starts[b + 1] = rows;
        }
        int[] ids = new int[rows], types = new int[rows], positions = new int[rows];
        for (int b = 0; b < LENGTHS.length; b++) {
            Draws draws = new Draws(2, b);
            for (int i = 0; i < starts[b + 1] - starts[b]; i++) {
                boolean real = i < LENGTHS[b];
                ids[starts[b] + i] = real ? 1 + draws.below(49) : 0;
                types[starts[b] + i] = real && i > LENGTHS[b] / 2 ? 1 : 0;
                positions[starts[b] + i] = i;
            }
        }
        return new TokenBatch(device, config, ids, types, positions, starts, LENGTHS);
    }

    /** Moves every student parameter away from the teacher. */
    TinyBert disturbed(double size) {
        student.parameters().all().forEach(p -> disturb(p, size));
        return this;
    }

    void disturb(Parameter p, double size) {
        double[] values = device.readDoubles(p.value());
        double[] noise = new Draws(3, p.name().hashCode()).normals(values.length, size);
        for (int i = 0; i < values.length; i++) {
            values[i] += noise[i];
        }
        set(student, p, values);
    }

    /** The teacher's pass on a tape that the caller closes. */
    Trace teach(Tape tape) {
        return teacher.forward(Pass.plain(tape, batch.layout(), Keep.ALL), batch, null);
    }

    /** The student's pass with an intervention, or without for null. */
    Trace learn(Tape tape, Trace teacherTrace, Site site) {
        TeacherSignals signals = site == null ? null : new TeacherSignals(site, teacherTrace);
        Pass pass = new Pass(tape, batch.layout(), keep, dropout, 5, step);
        return student.forward(pass, batch, signals);
    }

    /** Logits of the student alone. */
    double[] logits(Site site) {
        try (Tape outer = Tape.off(device);
                Tape tape = Tape.off(device)) {
            return device.readDoubles(learn(tape, teach(outer), site).logits().value());
        }
    }

    double[] teacherLogits() {
        try (Tape tape = Tape.off(device)) {
            return device.readDoubles(teach(tape).logits().value());
        }
    }

    /** Loss values by part, and the student's gradients. */
    Map<String, Double> train(Site site, Losses losses) {
        student.parameters().clearGrads();
        try (Tape outer = Tape.off(device);
                Tape tape = Tape.on(device)) {
            Trace wanted = teach(outer);
            Trace seen = learn(tape, wanted, site);
            Map<String, Double> values = losses.record(tape, batch.layout(), seen, wanted);
            tape.backward();
            return values;
        }
    }

    /** Gradients by parameter; null where none arrived. */
    Map<String, double[]> gradients() {
        Map<String, double[]> all = new LinkedHashMap<>();
        for (Parameter p : student.parameters().all()) {
            all.put(p.name(), p.grad() == null ? null : device.readDoubles(p.grad()));
        }
        return all;
    }

    Parameter parameter(String name) {
        return student.parameters().get(name);
    }

    static Map<String, Double> emptyValues() {
        return new TreeMap<>();
    }

    @Override
    public void close() {
        step.close();
        batch.close();
        student.close();
        teacher.close();
    }
}
