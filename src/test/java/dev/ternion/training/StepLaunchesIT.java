package dev.ternion.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.backend.Backends;
import dev.ternion.backend.Device;
import dev.ternion.data.Batch;
import dev.ternion.data.EncodedSplit;
import dev.ternion.data.Padding;
import dev.ternion.model.Pass;
import dev.ternion.model.bert.BertConfig;
import dev.ternion.model.bert.BertModel;
import dev.ternion.quant.QuantSpec;
import dev.ternion.tensor.Parameter;
import dev.ternion.tensor.Tape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Kernel launches and transfers of one TI-QAT step on CUDA: teacher, student, losses, backward, AdamW. Counted on the
 * emulation; the documents quote these numbers.
 */
class StepLaunchesIT {
    private static final Path PROFILE = Path.of(System.getenv("TERNION_EMULATION_PROFILE"));

    private static final int PER_LAYER = 94;
    private static final int FIXED = 75;
    /** Copies to the host that nobody waits for: the losses, and what kernels found wrong. */
    private static final int READS = 2;

    /** Ids, types, positions, three of the layout, labels, step, rates, counts. */
    private static final int WRITES = 10;

    private static final Set<String> TRANSFERS = Set.of("to_device", "to_host", "land", "replay", "copy");

    // As in models of real size every quantized signal is one group above 2048 elements: smaller ones are quantized in
    // one launch in any case.
    private static final int BATCH = 33;
    private static final int LENGTH = 6;

    /** What a device did in a number of steps of a student of so many layers, by kernel or transfer. */
    private static Map<String, Integer> counts(int layers, int steps) throws IOException {
        try (Device device = Backends.open("emulated", 1)) {
            train(device, layers, steps);
        }
        Map<String, Integer> counts = new TreeMap<>();
        for (String line : Files.readAllLines(PROFILE)) {
            counts.put(line.substring(0, line.indexOf(',')), Integer.parseInt(line.substring(line.indexOf(',') + 1)));
        }
        return counts;
    }

    private static void train(Device device, int layers, int steps) {
        BertConfig config = new BertConfig(50, 16, 2, 64, layers, 2, 128, 1e-12, BertConfig.Pooling.POOLER, 2);
        var optimizer = new OptimizerSpec(OptimizerSpec.Kind.ADAMW, 1e-4, 0, 0.01, 1, 1);
        var plan =
                new StudentTraining.Plan(null, LossWeights.tiRelease(), null, optimizer, 100, 0.1, 1, Precision.FP32);
        EncodedSplit split = new EncodedSplit(ids(), new int[BATCH][LENGTH], new float[BATCH]);
        try (BertModel teacher = new BertModel(device, config, null);
                BertModel student = new BertModel(device, config, QuantSpec.ternary());
                StudentTraining training = new StudentTraining(student, plan, Padding.MASKED, LENGTH);
                RecordedSteps recorded = new RecordedSteps(device);
                BatchBuffers buffers = new BatchBuffers(device, config)) {
            fill(device, teacher);
            fill(device, student);
            for (int step = 0; step < steps; step++) {
                Batch batch = Batch.of(split, IntStream.range(0, BATCH).toArray(), Padding.MASKED, LENGTH);
                StepInputs inputs = buffers.load(batch);
                LossBoard.Terms terms = recorded.run(
                        List.of(inputs, training.begin()), host -> compute(teacher, training, inputs, host));
                training.started(terms).losses();
            }
        }
    }

    private static LossBoard.Terms compute(
            BertModel teacher, StudentTraining training, StepInputs inputs, RecordedSteps.HostWork host) {
        try (Tape tape = Tape.off(teacher.parameters().device())) {
            Pass pass = Pass.plain(tape, inputs.tokens().layout(), training.teacherSignals());
            return training.compute(inputs, teacher.forward(pass, inputs.tokens(), null), host);
        }
    }

    private static int[][] ids() {
        int[][] ids = new int[BATCH][LENGTH];
        for (int r = 0; r < BATCH; r++) {
            Arrays.setAll(ids[r], c -> 1 + c);
        }
        return ids;
    }

    private static void fill(Device device, BertModel model) {
        for (Parameter p : model.parameters().all()) {
            float[] values = new float[Math.toIntExact(p.shape().elements())];
            for (int i = 0; i < values.length; i++) {
                values[i] = 0.1f * (i % 7 - 3);
            }
            device.writeFloats(p.value(), values);
            p.changed();
        }
    }

    /** Launches and transfers of a step that is replayed: the third. */
    private static Map<String, Integer> step(int layers) throws IOException {
        Map<String, Integer> more = counts(layers, 4);
        counts(layers, 3).forEach((what, count) -> more.merge(what, -count, Integer::sum));
        more.values().removeIf(count -> count == 0);
        return more;
    }

    private static int launches(Map<String, Integer> counts) {
        return counts.entrySet().stream()
                .filter(e -> !TRANSFERS.contains(e.getKey()))
                .mapToInt(Map.Entry::getValue)
                .sum();
    }

    @Test
    void launchesGrowByTheSameNumberWithEveryLayer() throws IOException {
        // The middle one of three layers is neither the first nor the last.
        Map<String, Integer> one = step(1), three = step(3);
        assertThat(launches(one)).isEqualTo(FIXED + PER_LAYER);
        assertThat(launches(three)).isEqualTo(FIXED + 3 * PER_LAYER);
        assertThat(three.get("replay")).as("starts of a step").isEqualTo(1);
        assertThat(three).as("waits for the device, copies on it").doesNotContainKeys("to_host", "copy");
        assertThat(three.get("land")).isEqualTo(one.get("land")).isEqualTo(READS);
        assertThat(three.get("to_device")).isEqualTo(one.get("to_device")).isEqualTo(WRITES);
    }
}
