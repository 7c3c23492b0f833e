package dev.ternion.recipe;

import dev.ternion.artifact.BertShapes;
import dev.ternion.artifact.EncoderConfig;
import dev.ternion.artifact.SafetensorsWriter;
import dev.ternion.backend.Backends;
import dev.ternion.conformance.Draws;
import dev.ternion.data.Dataset;
import dev.ternion.data.DatasetFolder;
import dev.ternion.data.Example;
import dev.ternion.data.Padding;
import dev.ternion.data.TaskInfo;
import dev.ternion.intervention.Schedule;
import dev.ternion.quant.QuantSpec;
import dev.ternion.recipe.checkpoint.Checkpoints;
import dev.ternion.recipe.evaluate.EvaluateSpec;
import dev.ternion.recipe.finetune.FineTuneSpec;
import dev.ternion.recipe.qat.ArmSpec;
import dev.ternion.recipe.qat.QatSpec;
import dev.ternion.recipe.report.JobReport;
import dev.ternion.training.LossWeights;
import dev.ternion.training.OptimizerSpec;
import dev.ternion.training.Precision;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** A data folder with an encoder of two layers and a task of short sentences, small enough to train in a blink. */
public final class TinyWorkspace {
    public static final int LAYERS = 2;
    public static final int HIDDEN = 32;
    public static final int MAX_LENGTH = 10;
    private static final String[] FILLERS = {"the", "film", "was", "a", "plot", "with", "actors", "and", "music"};
    private static final List<String> VOCABULARY = List.of(
            "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "good", "bad", "odd", "the", "film", "was", "a", "plot",
            "with", "actors", "and", "music", "##s");

    final Workspace workspace;
    int threads = 1;

    TinyWorkspace(Path root) {
        workspace = new Workspace(root);
    }

    /** A Hugging Face folder: config.json, model.safetensors, vocab.txt. */
    public static Path writeEncoder(Path folder) throws IOException {
        return writeEncoder(folder, HIDDEN, LAYERS, 64);
    }

    static Path writeEncoder(Path folder, int hidden, int layers, int inner) throws IOException {
        Files.createDirectories(folder);
        EncoderConfig config =
                new EncoderConfig("bert", VOCABULARY.size(), hidden, layers, 4, inner, 24, 2, 1e-12, 0.1, 0.1, true);
        Files.writeString(folder.resolve("config.json"), config.toJson());
        Files.write(folder.resolve("vocab.txt"), VOCABULARY);
        SafetensorsWriter writer = new SafetensorsWriter(folder.resolve("model.safetensors"));
        int place = 0;
        for (Map.Entry<String, long[]> e : BertShapes.of(config).entrySet()) {
            ByteBuffer bytes = values(e.getKey(), e.getValue(), place++);
            writer.add(e.getKey(), "F32", e.getValue(), bytes::duplicate);
        }
        writer.write();
        return folder;
    }

    private static ByteBuffer values(String name, long[] shape, int place) {
        int count = 1;
        for (long extent : shape) {
            count *= (int) extent;
        }
        double[] values = new Draws(21, place).normals(count, shape.length > 1 ? 0.2 : 0.05);
        ByteBuffer bytes = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            bytes.putFloat(4 * i, (float) (values[i] + (name.endsWith("LayerNorm.weight") ? 1 : 0)));
        }
        return bytes;
    }

    /** Sentences whose class one word tells. */
    public static List<Example> sentences(int count, int first, String... words) {
        List<Example> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Draws draws = new Draws(22, first + i);
            List<String> text = new ArrayList<>();
            for (int n = 1 + draws.below(6); n > 0; n--) {
                text.add(FILLERS[draws.below(FILLERS.length)]);
            }
            text.add(draws.below(text.size() + 1), words[i % words.length]);
            all.add(new Example(String.join(" ", text), null, i % words.length, i + 1));
        }
        return all;
    }

    /** An encoder "encoder" and a task "tiny" of two classes. */
    TinyWorkspace filled() throws IOException {
        writeEncoder(workspace.model("encoder"));
        dataset("tiny", "bad", "good");
        return this;
    }

    void dataset(String id, String... words) throws IOException {
        List<Example> train = sentences(20, 0, words), eval = sentences(30, 1000, words);
        TaskInfo task = TaskInfo.classification(List.of(words));
        DatasetFolder.write(Dataset.of(task, train, eval, List.of(), List.of()), workspace.dataset(id));
    }

    /** A teacher of 24 steps. */
    TinyWorkspace taught(String teacher) throws JobFailure, JobCancelled {
        run(fineTune("encoder", teacher, 24));
        return this;
    }

    /** SHA-256 of a file, in hexadecimal. */
    public static String sha256(Path file) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }

    RecipeContext context() {
        return new RecipeContext(workspace, name -> Backends.open(name, threads), System::nanoTime, () -> "");
    }

    JobReport run(JobSpec spec) throws JobFailure, JobCancelled {
        return run(spec, new Events(), () -> false);
    }

    JobReport run(JobSpec spec, JobListener listener, CancelToken cancel) throws JobFailure, JobCancelled {
        return Recipes.run(context(), spec, Checkpoints.none(), listener, cancel);
    }

    static DataSpec data(String dataset, Padding padding) {
        return new DataSpec(dataset, MAX_LENGTH, padding, 0, 0);
    }

    static FineTuneSpec fineTune(String model, String output, int steps) {
        OptimizerSpec optimizer = new OptimizerSpec(OptimizerSpec.Kind.ADAMW, 3e-3, 0.1, 0.01, 1, 1);
        Budget budget = new Budget(8, 0, steps, 0);
        return new FineTuneSpec(model, data("tiny", Padding.MASKED), null, budget, optimizer, 0.1, 5, output, "cpu", 0);
    }

    static EvaluateSpec evaluate(String model, Padding padding) {
        return new EvaluateSpec(model, data("tiny", padding), 8, "cpu", 0);
    }

    static ArmSpec control() {
        return control(1e-3);
    }

    static ArmSpec control(double rate) {
        OptimizerSpec optimizer = OptimizerSpec.bertAdam(rate);
        return new ArmSpec("control", ArmSpec.Role.CONTROL, null, LossWeights.ternaryBert(), null, optimizer);
    }

    static ArmSpec intervention(Schedule schedule) {
        return intervention("ti", schedule, LossWeights.tiRelease());
    }

    static ArmSpec intervention(String name, Schedule schedule, LossWeights losses) {
        OptimizerSpec optimizer = OptimizerSpec.bertAdam(1e-3);
        return new ArmSpec(name, ArmSpec.Role.INTERVENTION, schedule, losses, optimizer, optimizer);
    }

    static QatSpec qat(String output, int steps, List<Long> seeds, QuantSpec quant, Padding padding, ArmSpec... arms) {
        Budget budget = new Budget(8, 0, steps, 3);
        return new QatSpec(
                "teacher",
                data("tiny", padding),
                quant,
                budget,
                List.of(arms),
                seeds,
                0.1,
                output,
                "cpu",
                Precision.FP32,
                0);
    }

    /** What a job said. */
    static final class Events implements JobListener {
        final List<String> phases = new ArrayList<>();
        final List<StepProgress> steps = new ArrayList<>();
        final List<Evaluation> evaluations = new ArrayList<>();

        @Override
        public void phase(Phase phase, String arm, long seed, String message) {
            phases.add(phase + " " + arm);
        }

        @Override
        public void step(StepProgress progress) {
            steps.add(progress);
        }

        @Override
        public void evaluation(Evaluation evaluation) {
            evaluations.add(evaluation);
        }
    }
}
