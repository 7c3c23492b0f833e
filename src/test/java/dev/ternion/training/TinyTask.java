package dev.ternion.training;

import dev.ternion.backend.Backends;
import dev.ternion.backend.Device;
import dev.ternion.conformance.Draws;
import dev.ternion.data.Batch;
import dev.ternion.data.BatchOrder;
import dev.ternion.data.EncodedSplit;
import dev.ternion.data.Padding;
import dev.ternion.intervention.Schedule;
import dev.ternion.intervention.Site;
import dev.ternion.model.Pass;
import dev.ternion.model.bert.BertConfig;
import dev.ternion.model.bert.BertModel;
import dev.ternion.quant.QuantSpec;
import dev.ternion.tensor.Compare;
import dev.ternion.tensor.Parameter;
import dev.ternion.tensor.Tape;
import java.util.LinkedHashMap;
import java.util.Map;

/** A teacher, a student that starts from it, and eight sentences of random tokens. */
final class TinyTask implements AutoCloseable {
    static final int LAYERS = 2;
    static final int MAX_LENGTH = 10;
    static final int[] LENGTHS = {3, 9, 5, 10, 4, 8, 6, 7};
    static final int BATCH = 4;

    final Device device;
    final BertModel teacher;
    final BertModel student;
    final EncodedSplit split;
    Padding padding = Padding.MASKED;
    int batchSize = BATCH;
    Precision precision = Precision.FP32;

    TinyTask(int threads, QuantSpec quant) {
        this(threads, quant, 3);
    }

    TinyTask(int threads, QuantSpec quant, int outputs) {
        this(Backends.open("cpu", threads), quant, outputs);
    }

    /** @param device closed with this task */
    TinyTask(Device device, QuantSpec quant, int outputs) {
        this.device = device;
        BertConfig config = new BertConfig(40, 32, 2, 32, LAYERS, 4, 64, 1e-12, BertConfig.Pooling.POOLER, outputs);
        teacher = new BertModel(device, config, null);
        student = new BertModel(device, config, quant);
        fill(teacher);
        student.parameters().copyFrom(teacher.parameters());
        split = sentences(outputs);
    }

    private static EncodedSplit sentences(int outputs) {
        int n = LENGTHS.length;
        int[][] ids = new int[n][], types = new int[n][];
        float[] labels = new float[n];
        for (int i = 0; i < n; i++) {
            Draws draws = new Draws(11, i);
            ids[i] = new int[LENGTHS[i]];
            for (int t = 0; t < LENGTHS[i]; t++) {
                ids[i][t] = 1 + draws.below(39);
            }
            types[i] = new int[LENGTHS[i]];
            labels[i] = outputs == 1 ? i / 4f : i % outputs;
        }
        return new EncodedSplit(ids, types, labels);
    }

    private static void fill(BertModel model) {
        int place = 0;
        for (Parameter p : model.parameters().all()) {
            double[] values = new Draws(12, place++)
                    .normals(p.shape().elements(), p.shape().rank() > 1 ? 0.25 : 0.1);
            for (int i = 0; p.name().endsWith("LayerNorm.weight") && i < values.length; i++) {
                values[i] = (float) (values[i] + 1);
            }
            set(model, p.name(), values);
        }
    }

    static void set(BertModel model, String name, double[] values) {
        Parameter p = model.parameters().get(name);
        model.parameters().device().writeDoubles(p.value(), values);
        p.changed();
    }

    double[] get(BertModel model, String name) {
        return device.readDoubles(model.parameters().get(name).value());
    }

    /** Moves the student's parameters whose name contains one of the fragments. */
    void disturb(double size, String... fragments) {
        for (Parameter p : student.parameters().all()) {
            for (String fragment : fragments) {
                if (p.name().contains(fragment)) {
                    double[] values = device.readDoubles(p.value());
                    double[] noise = new Draws(13, p.name().hashCode()).normals(values.length, size);
                    for (int i = 0; i < values.length; i++) {
                        values[i] += noise[i];
                    }
                    set(student, p.name(), values);
                }
            }
        }
    }

    Batch batch(int step) {
        int[] indices = BatchOrder.indices(7, step, split.size(), batchSize);
        return Batch.of(split, indices, padding, MAX_LENGTH);
    }

    StudentTraining training(Schedule schedule, OptimizerSpec optimizer, int total, double dropout, long seed) {
        return training(student, schedule, LossWeights.tiRelease(), optimizer, total, dropout, seed);
    }

    StudentTraining training(
            BertModel model,
            Schedule schedule,
            LossWeights losses,
            OptimizerSpec optimizer,
            int total,
            double dropout,
            long seed) {
        StudentTraining.Plan plan =
                new StudentTraining.Plan(schedule, losses, optimizer, optimizer, total, dropout, seed, precision);
        return new StudentTraining(model, plan, padding, MAX_LENGTH);
    }

    /** What a step did. */
    record Step(Map<String, Double> losses, double learningRate, Site site) {}

    /** One step on the batch of that number, run directly, with the signals that the training asks of the teacher and no others. */
    Step step(StudentTraining training, int number) {
        try (StepInputs inputs = new StepInputs(device, teacher.config(), batch(number))) {
            training.begin();
            PendingStep step = training.started(compute(training, inputs, Runnable::run));
            return new Step(step.losses(), step.learningRate(), step.site());
        }
    }

    /** The operations of a step that has begun. */
    LossBoard.Terms compute(StudentTraining training, StepInputs inputs, RecordedSteps.HostWork host) {
        try (Tape tape = Tape.off(device, precision == Precision.BF16)) {
            Pass pass = Pass.plain(tape, inputs.tokens().layout(), training.teacherSignals());
            return training.compute(inputs, teacher.forward(pass, inputs.tokens(), null), host);
        }
    }

    /** All parameters of the student. */
    Map<String, double[]> weights() {
        return weights(student);
    }

    Map<String, double[]> weights(BertModel model) {
        Map<String, double[]> all = new LinkedHashMap<>();
        model.parameters().all().forEach(p -> all.put(p.name(), device.readDoubles(p.value())));
        return all;
    }

    static void same(Map<String, double[]> seen, Map<String, double[]> wanted) {
        seen.forEach((name, values) -> Compare.sameBytes(name, values, wanted.get(name)));
    }

    static String layer(int l, String rest) {
        return "encoder.layer." + l + "." + rest;
    }

    @Override
    public void close() {
        student.close();
        teacher.close();
        device.close();
    }
}
