package dev.ternion.conformance;

import dev.ternion.backend.Device;
import dev.ternion.data.Batch;
import dev.ternion.data.EncodedSplit;
import dev.ternion.data.Padding;
import dev.ternion.intervention.Schedule;
import dev.ternion.model.Pass;
import dev.ternion.quant.QuantSpec;
import dev.ternion.quant.QuantSpec.WeightRule;
import dev.ternion.tensor.Tape;
import dev.ternion.training.BatchBuffers;
import dev.ternion.training.LossBoard;
import dev.ternion.training.LossWeights;
import dev.ternion.training.OptimizerSpec;
import dev.ternion.training.PendingStep;
import dev.ternion.training.Precision;
import dev.ternion.training.RecordedSteps;
import dev.ternion.training.StepInputs;
import dev.ternion.training.StudentTraining;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Training steps that are recorded and replayed, against the same steps run directly on the same device: teacher, intervention at
 * each site, losses, update and codes give equal bytes. Nothing is compared on a device that does not record.
 */
final class RecordedTraining {
    private static final int STEPS = 10;
    /** Of a gradual intervention: one step at OUTPUT, one at CONTEXT, four at MAP; the rest is plain. */
    private static final int INTERVENTION = 6;
    /** All but the first at each site and the first plain one. */
    private static final int RECORDED = STEPS - 4;

    private static final int ROWS = 9;

    private RecordedTraining() {}

    static void run(Conformance run, Device device) {
        QuantSpec ternary = QuantSpec.ternary();
        run.check("recorded steps", "ternary", () -> compare(run, device, ternary));
        run.check("recorded steps", "binary", () -> compare(run, device, ternary.withWeights(WeightRule.BINARY)));
    }

    private static void compare(Conformance run, Device device, QuantSpec quant) {
        if (!records(device)) {
            return;
        }
        Map<String, double[]> wanted = train(device, quant, false);
        wanted.put("recorded", new double[] {RECORDED});
        Map<String, double[]> seen = train(device, quant, true);
        wanted.forEach((part, values) -> run.equal(part, seen.get(part), values));
    }

    private static boolean records(Device device) {
        try (var nothing = device.record(() -> {})) {
            return nothing != null;
        }
    }

    /** Losses by step, then weights by name, and how many steps were replayed. */
    private static Map<String, double[]> train(Device device, QuantSpec quant, boolean record) {
        OptimizerSpec optimizer = OptimizerSpec.bertAdam(1e-3);
        var plan = new StudentTraining.Plan(
                Schedule.gradual(INTERVENTION),
                LossWeights.tiRelease(),
                optimizer,
                optimizer,
                STEPS,
                0.1,
                1,
                Precision.FP32);
        EncodedSplit split = split();
        try (SmallBert berts = new SmallBert(device, quant, ROWS);
                StudentTraining training = new StudentTraining(berts.student(), plan, Padding.REFERENCE, ROWS);
                RecordedSteps steps = new RecordedSteps(device);
                BatchBuffers buffers = new BatchBuffers(device, berts.student().config())) {
            List<PendingStep> started = new ArrayList<>();
            int recorded = 0;
            for (int step = 0; step < STEPS; step++) {
                int[] indices = {step % 5, (step + 1) % 5, (step + 3) % 5};
                StepInputs inputs = buffers.load(Batch.of(split, indices, Padding.REFERENCE, ROWS));
                StudentTraining.Mode mode = training.begin();
                LossBoard.Terms terms = record
                        ? steps.run(List.of(inputs, mode), host -> compute(berts, training, inputs, host))
                        : compute(berts, training, inputs, Runnable::run);
                started.add(training.started(terms));
                recorded += steps.recorded() ? 1 : 0;
            }
            Map<String, double[]> result = new LinkedHashMap<>();
            for (PendingStep step : started) {
                step.losses()
                        .forEach((part, value) -> result.put(part + " at step " + step.number(), new double[] {value}));
            }
            berts.student().parameters().all().forEach(p -> result.put(p.name(), device.readDoubles(p.value())));
            result.put("recorded", new double[] {recorded});
            return result;
        }
    }

    private static LossBoard.Terms compute(
            SmallBert berts, StudentTraining training, StepInputs inputs, RecordedSteps.HostWork host) {
        try (Tape tape = Tape.off(berts.student().parameters().device())) {
            Pass pass = Pass.plain(tape, inputs.tokens().layout(), training.teacherSignals());
            return training.compute(inputs, berts.teacher().forward(pass, inputs.tokens(), null), host);
        }
    }

    /** Sentences of different lengths. */
    private static EncodedSplit split() {
        int[] lengths = {3, 9, 5, 7, 4};
        int[][] ids = new int[lengths.length][], types = new int[lengths.length][];
        float[] labels = new float[lengths.length];
        for (int i = 0; i < lengths.length; i++) {
            Draws draws = new Draws(OpRun.SEED, i);
            ids[i] = new int[lengths[i]];
            for (int t = 0; t < lengths[i]; t++) {
                ids[i][t] = 1 + draws.below(SmallBert.CONFIG.vocabulary() - 1);
            }
            types[i] = new int[lengths[i]];
            labels[i] = i % SmallBert.CONFIG.outputs();
        }
        return new EncodedSplit(ids, types, labels);
    }
}
