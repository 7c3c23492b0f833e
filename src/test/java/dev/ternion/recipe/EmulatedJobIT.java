package dev.ternion.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import dev.ternion.artifact.SafetensorsFile;
import dev.ternion.backend.Backends;
import dev.ternion.backend.Device;
import dev.ternion.data.Padding;
import dev.ternion.intervention.Schedule;
import dev.ternion.intervention.Site;
import dev.ternion.quant.QuantSpec;
import dev.ternion.quant.QuantSpec.Granularity;
import dev.ternion.quant.QuantSpec.WeightRule;
import dev.ternion.recipe.checkpoint.Checkpoints;
import dev.ternion.recipe.qat.ArmSpec;
import dev.ternion.recipe.qat.QatSpec;
import dev.ternion.recipe.report.JobReport;
import dev.ternion.tensor.Compare;
import dev.ternion.training.LossWeights;
import dev.ternion.training.OptimizerSpec;
import dev.ternion.training.Precision;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole jobs on the emulated CUDA device, through the code that runs them on a real one, against the same jobs on the CPU. */
class EmulatedJobIT {
    /** The first step differs by the teacher's dense products alone. */
    private static final double FIRST_LOSS = 1e-5;
    /** Relative L2 distance of a latent weight matrix after all steps; one step moves it by some 1e-2. */
    private static final double WEIGHTS = 2e-3;

    private static final int STEPS = 6;

    @TempDir
    static Path folder;

    private static TinyWorkspace tiny;

    @BeforeAll
    static void teach() throws Exception {
        tiny = new TinyWorkspace(folder).filled().taught("teacher");
    }

    static Stream<Arguments> jobs() {
        QuantSpec binary =
                new QuantSpec(WeightRule.BINARY, Granularity.ROW, 0, 2.5, 8, Granularity.TENSOR, 2.5, true, true, true);
        QuantSpec oneBit = new QuantSpec(
                WeightRule.BINARY, Granularity.TENSOR, 0, 2.5, 1, Granularity.TENSOR, 2.5, true, true, true);
        return Stream.of(
                Arguments.of("onebit", oneBit, TinyWorkspace.intervention(Schedule.gradual(4))),
                Arguments.of("control", QuantSpec.ternary(), TinyWorkspace.control()),
                Arguments.of("gradual", QuantSpec.ternary(), TinyWorkspace.intervention(Schedule.gradual(4))),
                Arguments.of("binary", binary, TinyWorkspace.intervention(Schedule.gradual(4))),
                Arguments.of("map", QuantSpec.ternary(), TinyWorkspace.intervention(Schedule.fixed(Site.MAP, 3))),
                Arguments.of(
                        "context", QuantSpec.ternary(), TinyWorkspace.intervention(Schedule.fixed(Site.CONTEXT, 3))),
                Arguments.of("output", binary, TinyWorkspace.intervention(Schedule.fixed(Site.OUTPUT, 3))));
    }

    private static QatSpec on(String device, String output, QuantSpec quant, ArmSpec arm) {
        return on(device, output, quant, arm, Precision.FP32);
    }

    private static QatSpec on(String device, String output, QuantSpec quant, ArmSpec arm, Precision precision) {
        QatSpec spec = TinyWorkspace.qat(output, STEPS, List.of(1L), quant, Padding.MASKED, arm);
        return new QatSpec(
                spec.teacher(),
                spec.data(),
                spec.quant(),
                spec.budget(),
                spec.arms(),
                spec.seeds(),
                spec.dropout(),
                spec.outputModel(),
                device,
                precision,
                0);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("jobs")
    void aJobGivesTheStudentOfTheCpu(String name, QuantSpec quant, ArmSpec arm) throws Exception {
        TinyWorkspace.Events wanted = new TinyWorkspace.Events(), seen = new TinyWorkspace.Events();
        String cpu = tiny.run(on("cpu", name + "-cpu", quant, arm), wanted, () -> false)
                .runs()
                .get(0)
                .model();
        String emulated = tiny.run(on("emulated", name + "-emulated", quant, arm), seen, () -> false)
                .runs()
                .get(0)
                .model();

        assertThat(seen.phases).isEqualTo(wanted.phases);
        wanted.steps
                .get(0)
                .losses()
                .forEach((part, value) -> assertThat(seen.steps.get(0).losses().get(part))
                        .as("first %s", part)
                        .isCloseTo(value, within(FIRST_LOSS * Math.max(1, Math.abs(value)))));
        try (SafetensorsFile w = SafetensorsFile.open(tiny.workspace.model(cpu).resolve(ModelFolder.WEIGHTS));
                SafetensorsFile s =
                        SafetensorsFile.open(tiny.workspace.model(emulated).resolve(ModelFolder.WEIGHTS))) {
            assertThat(s.names()).isEqualTo(w.names());
            for (String tensor : w.names()) {
                Compare.close(tensor, doubles(s.read(tensor)), doubles(w.read(tensor)), WEIGHTS);
            }
        }
    }

    /** The loss against the labels is a function of the student's forward pass alone; the others read the teacher. */
    @ParameterizedTest
    @ValueSource(strings = {"cpu", "emulated"})
    void inBf16TheStudentsFirstForwardPassIsThatOfFp32(String device) throws Exception {
        LossWeights losses = new LossWeights(1, 1, 1, 1, 0, 1, false);
        ArmSpec arm = new ArmSpec("control", ArmSpec.Role.CONTROL, null, losses, null, OptimizerSpec.bertAdam(1e-3));
        TinyWorkspace.Events fp32 = new TinyWorkspace.Events(), bf16 = new TinyWorkspace.Events();
        JobReport exact =
                tiny.run(on(device, device + "-fp32", QuantSpec.ternary(), arm, Precision.FP32), fp32, () -> false);
        JobReport rounded =
                tiny.run(on(device, device + "-bf16", QuantSpec.ternary(), arm, Precision.BF16), bf16, () -> false);

        Map<String, Double> wanted = fp32.steps.get(0).losses(),
                seen = bf16.steps.get(0).losses();
        assertThat(seen.get("ground_truth")).isEqualTo(wanted.get("ground_truth"));
        assertThat(seen.get("scores")).as("the teacher's products are rounded").isNotEqualTo(wanted.get("scores"));
        wanted.forEach((part, value) -> assertThat(seen.get(part)).isCloseTo(value, within(8e-3 * Math.abs(value))));
        double last = fp32.steps.get(STEPS - 1).losses().get("total");
        assertThat(bf16.steps.get(STEPS - 1).losses().get("total"))
                .isLessThan(seen.get("total"))
                .isCloseTo(last, within(0.02 * last));
        assertThat(rounded.execution().precision()).isEqualTo("BF16");
        assertThat(exact.execution().precision()).isEqualTo("FP32");
        assertThat(rounded.teacher()).as("evaluated in fp32").isEqualTo(exact.teacher());
        rounded.runs()
                .get(0)
                .metrics()
                .forEach((metric, value) -> assertThat(value)
                        .as(metric)
                        .isCloseTo(exact.runs().get(0).metrics().get(metric), within(0.1)));
    }

    private static double[] doubles(FloatBuffer values) {
        double[] all = new double[values.remaining()];
        for (int i = 0; i < all.length; i++) {
            all[i] = values.get(values.position() + i);
        }
        return all;
    }

    @Test
    void aFaultInAKernelFailsTheJobWithTheKernelsName() throws Exception {
        QatSpec spec = on("emulated:gelu_forward", "faulty", QuantSpec.ternary(), TinyWorkspace.control());
        JobFailure failure = catchThrowableOfType(JobFailure.class, () -> tiny.run(spec));
        assertThat(failure.reason()).isEqualTo("DEVICE_FAULT");
        assertThat(failure.getMessage()).startsWith("[gelu_forward] illegal access");
        try (Stream<Path> models = Files.list(tiny.workspace.models())) {
            assertThat(models.map(path -> path.getFileName().toString())).noneMatch(name -> name.startsWith("faulty"));
        }
    }

    /** Budgets from too small for the weights to too small for one last scratch buffer of a kernel. */
    @Test
    void aJobThatDoesNotFitTellsWhatItNeededAndWhatItHad() throws Exception {
        int failures = 0;
        for (long budget = 1 << 16; ; budget += budget / 4) {
            QatSpec spec = on("emulated", "tight-" + budget, QuantSpec.ternary(), TinyWorkspace.control());
            long bytes = budget;
            RecipeContext context = new RecipeContext(
                    tiny.workspace,
                    name -> {
                        Device device = Backends.open(name, 1);
                        device.setBudget(bytes);
                        return device;
                    },
                    System::nanoTime,
                    () -> "");
            try {
                Recipes.run(context, spec, Checkpoints.none(), new TinyWorkspace.Events(), () -> false);
                break;
            } catch (JobFailure e) {
                failures++;
                assertThat(e.reason()).isEqualTo("OUT_OF_MEMORY");
                assertThat(e.getMessage())
                        .containsPattern("needs [0-9]+ bytes, has [0-9]+ of " + budget + ": use a smaller batch");
            }
        }
        assertThat(failures).isGreaterThan(5);
    }
}
