package dev.ternion.bench;

import dev.ternion.backend.Backends;
import dev.ternion.backend.Device;
import dev.ternion.data.Batch;
import dev.ternion.data.CounterRandom;
import dev.ternion.data.EncodedSplit;
import dev.ternion.data.Padding;
import dev.ternion.model.Pass;
import dev.ternion.model.Trace;
import dev.ternion.model.bert.BertConfig;
import dev.ternion.model.bert.BertModel;
import dev.ternion.model.bert.TokenBatch;
import dev.ternion.quant.QuantSpec;
import dev.ternion.tensor.Parameter;
import dev.ternion.tensor.Tape;
import dev.ternion.training.LossWeights;
import dev.ternion.training.OptimizerSpec;
import dev.ternion.training.StudentTraining;
import dev.ternion.training.Tokens;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/**
 * Seconds and peak memory of a TI-QAT step (teacher pass, student forward, losses, backward, AdamW, ternarization) on
 * random weights and full-length batches: the work of {@code shared/peers/TorchTiStep.java}, printed in its form.
 *
 * <p>Arguments: minilm|base BATCH LENGTH THREADS WARMUP STEPS DROPOUT. Exit status 1 when the loss does not fall.
 */
public final class StepBench {
    private static final int VOCABULARY = 30522;
    private static final int BATCHES = 4;

    private StepBench() {}

    public static void main(String[] args) throws Exception {
        boolean base = args[0].equals("base");
        int batch = Integer.parseInt(args[1]), length = Integer.parseInt(args[2]), threads = Integer.parseInt(args[3]);
        int warmup = Integer.parseInt(args[4]), steps = Integer.parseInt(args[5]);
        double dropout = Double.parseDouble(args[6]);
        BertConfig config = new BertConfig(
                VOCABULARY,
                512,
                2,
                base ? 768 : 384,
                base ? 12 : 6,
                12,
                base ? 3072 : 1536,
                1e-12,
                BertConfig.Pooling.POOLER,
                2);
        try (Device device = Backends.open("cpu", threads);
                BertModel teacher = new BertModel(device, config, null);
                BertModel student = new BertModel(device, config, QuantSpec.ternary())) {
            randomize(device, teacher);
            student.parameters().copyFrom(teacher.parameters());
            run(device, teacher, student, split(batch, length), batch, length, warmup, steps, dropout, args[0]);
        }
    }

    private static void run(
            Device device,
            BertModel teacher,
            BertModel student,
            EncodedSplit split,
            int batchSize,
            int length,
            int warmup,
            int steps,
            double dropout,
            String name)
            throws Exception {
        var optimizer = new OptimizerSpec(OptimizerSpec.Kind.ADAMW, 1e-4, 0, 0.01, 0, 1);
        var plan = new StudentTraining.Plan(
                null, LossWeights.tiRelease(), null, optimizer, Integer.MAX_VALUE, dropout, 1);
        double[] losses = new double[warmup + steps], seconds = new double[steps];
        try (StudentTraining training = new StudentTraining(student, plan, Padding.MASKED, length)) {
            for (int i = 0; i < warmup + steps; i++) {
                int[] indices = new int[batchSize];
                int first = i % BATCHES * batchSize;
                Arrays.setAll(indices, b -> first + b);
                Batch batch = Batch.of(split, indices, Padding.MASKED, length);
                long start = System.nanoTime();
                try (TokenBatch tokens = Tokens.of(device, student.config(), batch);
                        Tape tape = Tape.off(device)) {
                    Pass pass = Pass.plain(tape, tokens.layout(), training.teacherSignals());
                    Trace signals = teacher.forward(pass, tokens, null);
                    losses[i] = training.step(batch, tokens, signals).losses().get("total");
                }
                if (i >= warmup) {
                    seconds[i - warmup] = (System.nanoTime() - start) * 1e-9;
                }
            }
        }
        Arrays.sort(seconds);
        int k = Math.min(4, losses.length);
        double before = Arrays.stream(losses, 0, k).average().orElseThrow();
        double after = Arrays.stream(losses, losses.length - k, losses.length).average().orElseThrow();
        System.out.printf(
                Locale.ROOT,
                "{\"engine\": \"ternion\", \"device\": \"%s\", \"model\": \"%s\", \"batch\": %d, \"seq\": %d, "
                        + "\"dropout\": %.2f, \"step_s\": %.6f, \"step_s_min\": %.6f, \"step_s_max\": %.6f, "
                        + "\"peak_mib\": %.1f, \"loss_first\": %.5f, \"loss_last\": %.5f}%n",
                device.description(),
                name,
                batchSize,
                length,
                dropout,
                seconds[steps / 2],
                seconds[0],
                seconds[steps - 1],
                peakMib(),
                before,
                after);
        System.exit(after < before ? 0 : 1);
    }

    private static EncodedSplit split(int batch, int length) {
        CounterRandom random = CounterRandom.of(1, 1);
        int[][] ids = new int[BATCHES * batch][length];
        for (int r = 0; r < ids.length; r++) {
            for (int c = 0; c < length; c++) {
                ids[r][c] = 1 + random.below(VOCABULARY - 1, (long) r * length + c);
            }
        }
        return new EncodedSplit(ids, new int[BATCHES * batch][length], new float[BATCHES * batch]);
    }

    /** Sum of twelve uniforms: close enough to the peer's normal(0, 0.05). */
    private static void randomize(Device device, BertModel model) {
        long stream = 0;
        for (Parameter p : model.parameters().all()) {
            float[] values = new float[Math.toIntExact(p.shape().elements())];
            CounterRandom random = CounterRandom.of(2, stream++);
            if (p.name().contains("LayerNorm.weight")) {
                Arrays.fill(values, 1);
            } else if (!p.name().endsWith(".bias")) {
                for (int i = 0; i < values.length; i++) {
                    double sum = -6;
                    for (int u = 0; u < 12; u++) {
                        sum += random.unit(12L * i + u);
                    }
                    values[i] = (float) (0.05 * sum);
                }
            }
            device.writeFloats(p.value(), values);
            p.changed();
        }
    }

    private static double peakMib() throws Exception {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmHWM")) {
                return Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024;
            }
        }
        return 0;
    }
}
