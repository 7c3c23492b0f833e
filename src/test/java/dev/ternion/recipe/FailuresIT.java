package dev.ternion.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ternion.artifact.SafetensorsFile;
import dev.ternion.artifact.SafetensorsWriter;
import dev.ternion.data.Padding;
import dev.ternion.intervention.Schedule;
import dev.ternion.quant.QuantSpec;
import dev.ternion.recipe.evaluate.EvaluateSpec;
import dev.ternion.recipe.finetune.FineTuneSpec;
import dev.ternion.recipe.qat.ArmSpec;
import dev.ternion.recipe.qat.QatSpec;
import dev.ternion.training.OptimizerSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes wrong in a job: a stable reason, words that help, and no model half written. */
class FailuresIT {
    @TempDir
    Path folder;

    private TinyWorkspace tiny;
    private Path disk;

    @BeforeEach
    void teach() throws Exception {
        tiny = new TinyWorkspace(folder.resolve("data")).filled().taught("teacher");
    }

    @AfterEach
    void unmount() throws Exception {
        if (disk != null) {
            new ProcessBuilder("umount", disk.toString()).start().waitFor();
        }
    }

    private static QatSpec qat(int steps) {
        return TinyWorkspace.qat(
                "student",
                steps,
                List.of(1L),
                QuantSpec.ternary(),
                Padding.MASKED,
                TinyWorkspace.control(),
                TinyWorkspace.intervention(Schedule.gradual(4)));
    }

    private JobFailure failure(JobSpec spec) throws IOException {
        List<String> before = models(tiny.workspace);
        JobFailure failure = catchThrowableOfType(JobFailure.class, () -> tiny.run(spec));
        assertThat(failure).as("the job fails").isNotNull();
        assertThat(models(tiny.workspace)).isEqualTo(before);
        return failure;
    }

    private static List<String> models(Workspace workspace) throws IOException {
        try (Stream<Path> models = Files.list(workspace.models())) {
            return models.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void cancel_afterSomeSteps_leavesNoModel() throws Exception {
        TinyWorkspace.Events events = new TinyWorkspace.Events();
        assertThatThrownBy(() -> tiny.run(qat(20), events, () -> events.steps.size() >= 5))
                .isInstanceOf(JobCancelled.class);
        assertThat(events.steps)
                .as("both arms of the step in which it was cancelled are told")
                .hasSize(6);
        assertThat(models(tiny.workspace)).containsExactly("encoder", "teacher");
    }

    @Test
    void cancel_duringFineTuning_leavesNoModel() throws Exception {
        TinyWorkspace.Events events = new TinyWorkspace.Events();
        JobSpec spec = TinyWorkspace.fineTune("encoder", "other", 20);
        assertThatThrownBy(() -> tiny.run(spec, events, () -> events.steps.size() >= 3))
                .isInstanceOf(JobCancelled.class);
        assertThat(events.steps).hasSize(3);
        assertThat(models(tiny.workspace)).containsExactly("encoder", "teacher");
    }

    @Test
    void teacherOfAnotherTask_isRefused() throws Exception {
        tiny.dataset("three", "bad", "odd", "good");
        QatSpec base = qat(4);
        QatSpec other = new QatSpec(
                base.teacher(),
                TinyWorkspace.data("three", Padding.MASKED),
                base.quant(),
                base.budget(),
                base.arms(),
                base.seeds(),
                base.dropout(),
                base.outputModel(),
                base.device(),
                base.precision(),
                0);
        JobFailure failure = failure(other);
        assertThat(failure.reason()).isEqualTo("TEACHER_MISMATCH");
        assertThat(failure).hasMessageContainingAll("teacher", "2 outputs", "three", "wants 3", "fine-tune");
    }

    @Test
    void fineTuningATeacherFurther_onAnotherNumberOfClasses_startsANewHead() throws Exception {
        tiny.dataset("three", "bad", "odd", "good");
        FineTuneSpec base = TinyWorkspace.fineTune("teacher", "further", 4);
        tiny.run(new FineTuneSpec(
                base.model(),
                TinyWorkspace.data("three", Padding.MASKED),
                base.pooling(),
                base.budget(),
                base.optimizer(),
                base.dropout(),
                base.seed(),
                base.outputModel(),
                base.device(),
                0));
        assertThat(ModelFolder.config(tiny.workspace.model("further")).outputs())
                .isEqualTo(3);
    }

    @Test
    void truncatedWeights_areNamedWithAdvice() throws Exception {
        Path weights = tiny.workspace.model("teacher").resolve(ModelFolder.WEIGHTS);
        byte[] bytes = Files.readAllBytes(weights);
        Files.write(weights, java.util.Arrays.copyOf(bytes, bytes.length / 2));
        for (JobSpec spec : List.of(qat(4), TinyWorkspace.evaluate("teacher", Padding.MASKED))) {
            JobFailure failure = failure(spec);
            assertThat(failure.reason()).isEqualTo("MODEL_READ");
            assertThat(failure.getMessage())
                    .startsWith("models/teacher/model.safetensors: ")
                    .containsPattern("(?i)again|export|copy");
            assertThat(failure.getCause()).as("for the log").hasMessageStartingWith(weights + ": ");
        }
    }

    /** Undefined memory must never stand in for a weight. */
    @Test
    void weightsWithoutATensor_areRefused() throws Exception {
        rewrite("encoder.layer.1.output.dense.weight", null);
        for (JobSpec spec : List.of(qat(4), TinyWorkspace.evaluate("teacher", Padding.MASKED))) {
            JobFailure failure = failure(spec);
            assertThat(failure.reason()).isEqualTo("MODEL_READ");
            assertThat(failure).hasMessageContaining("encoder.layer.1.output.dense.weight");
        }
    }

    @Test
    void missingDataSet_isNamed() throws Exception {
        EvaluateSpec spec = new EvaluateSpec("teacher", TinyWorkspace.data("nothing", Padding.MASKED), 8, "cpu", 0);
        JobFailure failure = failure(spec);
        assertThat(failure.reason()).isEqualTo("DATA_READ");
        assertThat(failure.details()).containsEntry("dataset", "nothing");
        assertThat(failure).hasMessageContaining("nothing");
    }

    @Test
    void missingModel_isNamed() throws Exception {
        JobFailure failure = failure(TinyWorkspace.evaluate("gone", Padding.MASKED));
        assertThat(failure.reason()).isIn("MODEL_READ", "DATA_READ");
        assertThat(failure).hasMessageContaining("gone");
    }

    /** The teacher is evaluated before the first step; its NaN must be told then, as what it is. */
    @ParameterizedTest
    @ValueSource(strings = {"classifier.bias", "encoder.layer.1.output.dense.weight"})
    void nanInTheTeacher_failsWithStepAndPart(String name) throws Exception {
        rewrite(name, Float.NaN);
        JobFailure failure = failure(qat(4));
        assertThat(failure.reason()).isEqualTo("LOSS_NOT_FINITE");
        assertThat(failure.details()).containsKeys("step", "loss_part");
    }

    @Test
    void nanInTheEncoder_failsTheFineTuning() throws Exception {
        rewrite("encoder.layer.0.attention.self.key.weight", Float.NaN);
        JobFailure failure = failure(TinyWorkspace.fineTune("teacher", "other", 4));
        assertThat(failure.reason()).isEqualTo("LOSS_NOT_FINITE");
        assertThat(failure.details()).containsEntry("step", "0").containsEntry("loss_part", "ground_truth");
    }

    /** The last update before an evaluation throws the weights off: no loss tells, the predictions do. */
    @Test
    void divergenceSeenInAnEvaluation_failsAsSuch() throws Exception {
        OptimizerSpec wild = new OptimizerSpec(OptimizerSpec.Kind.BERT_ADAM, 1e38, 0, 0.01, 1, 1);
        ArmSpec calm = TinyWorkspace.control();
        ArmSpec arm = new ArmSpec("wild", ArmSpec.Role.CONTROL, null, calm.losses(), null, wild);
        QatSpec qat = TinyWorkspace.qat("student", 3, List.of(1L), QuantSpec.ternary(), Padding.MASKED, arm);
        assertThat(failure(qat).reason()).isEqualTo("LOSS_NOT_FINITE");
        FineTuneSpec base = TinyWorkspace.fineTune("encoder", "other", 1);
        FineTuneSpec fineTune = new FineTuneSpec(
                base.model(),
                base.data(),
                base.pooling(),
                base.budget(),
                wild,
                base.dropout(),
                base.seed(),
                base.outputModel(),
                base.device(),
                0);
        assertThat(failure(fineTune).reason()).isEqualTo("LOSS_NOT_FINITE");
    }

    /** A disk of 96 KiB holds no student. Needs the right to mount a file system in memory. */
    @Test
    void fullDisk_isSaidSo_andNothingIsLeft() throws Exception {
        disk = Files.createDirectory(folder.resolve("disk"));
        Process mount = new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=96k", "tmpfs", disk.toString())
                .redirectErrorStream(true)
                .start();
        assumeTrue(mount.waitFor() == 0, "skipped: no small file system can be mounted here");
        Path source = tiny.workspace.root();
        Files.createDirectories(disk.resolve("models"));
        Files.createSymbolicLink(disk.resolve("models/teacher"), source.resolve("models/teacher"));
        Files.createSymbolicLink(disk.resolve("datasets"), source.resolve("datasets"));
        Files.createSymbolicLink(disk.resolve("cache"), source.resolve("cache"));
        TinyWorkspace full = new TinyWorkspace(disk);
        JobFailure failure = catchThrowableOfType(JobFailure.class, () -> full.run(qat(2)));
        assertThat(failure.reason()).isEqualTo("NO_SPACE");
        assertThat(models(full.workspace)).containsExactly("teacher");
    }

    /** Writes the teacher's weights anew: one tensor left out, or one of its values replaced. */
    private void rewrite(String name, Float value) throws Exception {
        Path weights = tiny.workspace.model("teacher").resolve(ModelFolder.WEIGHTS);
        Path copy = folder.resolve("copy.safetensors");
        try (SafetensorsFile file = SafetensorsFile.open(weights)) {
            assertThat(file.names()).contains(name);
            SafetensorsWriter writer = new SafetensorsWriter(copy);
            for (String tensor : file.names()) {
                if (tensor.equals(name) && value == null) {
                    continue;
                }
                ByteBuffer bytes = file.bytes(tensor);
                ByteBuffer changed = ByteBuffer.allocate(bytes.remaining()).order(java.nio.ByteOrder.LITTLE_ENDIAN);
                changed.put(bytes).flip();
                if (tensor.equals(name)) {
                    changed.putFloat(0, value);
                }
                writer.add(tensor, "F32", file.shape(tensor), changed::duplicate);
            }
            writer.write();
        }
        Files.write(weights, Files.readAllBytes(copy), StandardOpenOption.TRUNCATE_EXISTING);
    }
}
