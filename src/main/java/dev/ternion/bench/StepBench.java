package dev.ternion.bench;

import dev.ternion.backend.Device;
import dev.ternion.data.Batch;
import dev.ternion.data.CounterRandom;
import dev.ternion.data.EncodedSplit;
import dev.ternion.data.Padding;
import dev.ternion.model.Pass;
import dev.ternion.model.bert.BertConfig;
import dev.ternion.model.bert.BertModel;
import dev.ternion.quant.QuantSpec;
import dev.ternion.tensor.Parameter;
import dev.ternion.tensor.Tape;
import dev.ternion.training.BatchBuffers;
import dev.ternion.training.LateReports;
import dev.ternion.training.LossBoard;
import dev.ternion.training.LossWeights;
import dev.ternion.training.OptimizerSpec;
import dev.ternion.training.PendingStep;
import dev.ternion.training.Precision;
import dev.ternion.training.RecordedSteps;
import dev.ternion.training.StepInputs;
import dev.ternion.training.StudentTraining;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A TI-QAT step without intervention: teacher pass, student forward, losses, backward, AdamW, ternarization, on random
 * weights and full-length batches; the work of the PyTorch peer {@code torch_ti_step.py}.
 */
public final class StepBench {
    private static final int BATCHES = 4;
    private static final double DROPOUT = 0.1;
    /** Steps that are not timed: one runs directly, one is recorded, one is replayed. */
    private static final int WARMUP = 3;

    private StepBench() {}

    /**
     * Times one shape.
     *
     * @param model base, minilm or micro
     * @param precision of the products that need not be exact
     * @return step_s (median), step_s_min, step_s_max, peak_mib of device memory, loss_first, loss_last
     */
    public static Map<String, Object> run(
            Device device, String model, int batch, int length, int repeats, Precision precision) {
        return run(device, new Cases.Step(Cases.Encoder.named(model), batch, length), repeats, precision);
    }

    static Map<String, Object> run(Device device, Cases.Step c, int repeats, Precision precision) {
        Cases.Encoder shape = c.model();
        BertConfig config = new BertConfig(
                shape.vocabulary,
                512,
                2,
                shape.hidden,
                shape.layers,
                shape.heads,
                4 * shape.hidden,
                1e-12,
                BertConfig.Pooling.POOLER,
                2);
        device.resetPeak();
        try (BertModel teacher = new BertModel(device, config, null);
                BertModel student = new BertModel(device, config, QuantSpec.ternary())) {
            randomize(device, teacher);
            student.parameters().copyFrom(teacher.parameters());
            return run(device, teacher, student, c, repeats, precision);
        }
    }

    private static Map<String, Object> run(
            Device device, BertModel teacher, BertModel student, Cases.Step c, int repeats, Precision precision) {
        var optimizer = new OptimizerSpec(OptimizerSpec.Kind.ADAMW, 1e-4, 0, 0.01, 0, 1);
        var plan = new StudentTraining.Plan(
                null, LossWeights.tiRelease(), null, optimizer, Integer.MAX_VALUE, DROPOUT, 1, precision);
        EncodedSplit split = split(c);
        double[] losses = new double[WARMUP + repeats], seconds = new double[repeats];
        try (StudentTraining training = new StudentTraining(student, plan, Padding.MASKED, c.length());
                RecordedSteps steps = new RecordedSteps(device);
                BatchBuffers buffers = new BatchBuffers(device, student.config())) {
            LateReports<PendingStep> reports = new LateReports<>(
                    steps, done -> losses[done.number()] = done.losses().get("total"));
            for (int i = 0; i < WARMUP + repeats; i++) {
                int[] indices = new int[c.batch()];
                int first = i % BATCHES * c.batch();
                Arrays.setAll(indices, b -> first + b);
                Batch batch = Batch.of(split, indices, Padding.MASKED, c.length());
                long start = System.nanoTime();
                StepInputs inputs = buffers.load(batch);
                reports.started(training.started(steps.run(
                        List.of(inputs, training.begin()),
                        host -> compute(teacher, training, inputs, precision, host))));
                if (i >= WARMUP) {
                    seconds[i - WARMUP] = (System.nanoTime() - start) * 1e-9;
                }
            }
            reports.flush();
        }
        int k = Math.min(BATCHES, losses.length);
        Map<String, Object> row = Cases.row("dropout", DROPOUT, "precision", precision.name());
        Timer.of(seconds).into(row, "step");
        row.put("peak_mib", device.peakBytes() / 1048576.0);
        row.put("loss_first", Arrays.stream(losses, 0, k).average().orElseThrow());
        row.put(
                "loss_last",
                Arrays.stream(losses, losses.length - k, losses.length)
                        .average()
                        .orElseThrow());
        return row;
    }

    private static LossBoard.Terms compute(
            BertModel teacher,
            StudentTraining training,
            StepInputs inputs,
            Precision precision,
            RecordedSteps.HostWork host) {
        try (Tape tape = Tape.off(teacher.parameters().device(), precision == Precision.BF16)) {
            Pass pass = Pass.plain(tape, inputs.tokens().layout(), training.teacherSignals());
            return training.compute(inputs, teacher.forward(pass, inputs.tokens(), null), host);
        }
    }

    private static EncodedSplit split(Cases.Step c) {
        CounterRandom random = CounterRandom.of(1, 1);
        int rows = BATCHES * c.batch();
        int[][] ids = new int[rows][c.length()];
        for (int r = 0; r < rows; r++) {
            for (int i = 0; i < c.length(); i++) {
                ids[r][i] = 1 + random.below(c.model().vocabulary - 1, (long) r * c.length() + i);
            }
        }
        return new EncodedSplit(ids, new int[rows][c.length()], new float[rows]);
    }

    private static void randomize(Device device, BertModel model) {
        long stream = 0;
        for (Parameter p : model.parameters().all()) {
            float[] values = new float[Math.toIntExact(p.shape().elements())];
            if (p.name().contains("LayerNorm.weight")) {
                Arrays.fill(values, 1);
            } else if (!p.name().endsWith(".bias")) {
                values = Inputs.normals(values.length, 0.05, stream);
            }
            stream++;
            device.writeFloats(p.value(), values);
            p.changed();
        }
    }
}
