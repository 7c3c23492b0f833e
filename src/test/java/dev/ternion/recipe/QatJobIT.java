package dev.ternion.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.ternion.artifact.Manifest;
import dev.ternion.artifact.PackedTernary;
import dev.ternion.artifact.SafetensorsFile;
import dev.ternion.data.Padding;
import dev.ternion.intervention.Schedule;
import dev.ternion.quant.QuantSpec;
import dev.ternion.recipe.report.JobReport;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fine-tune, then QAT with two arms and two seeds: report, stored students, progress. */
class QatJobIT {
    private static final int STEPS = 8;

    @TempDir
    static Path folder;

    private static TinyWorkspace tiny;
    private static JobReport fineTuned;
    private static JobReport report;
    private static final TinyWorkspace.Events events = new TinyWorkspace.Events();

    @BeforeAll
    static void runJobs() throws Exception {
        tiny = new TinyWorkspace(folder).filled();
        fineTuned = tiny.run(TinyWorkspace.fineTune("encoder", "teacher", 24));
        report = tiny.run(
                TinyWorkspace.qat(
                        "student",
                        STEPS,
                        List.of(3L, 4L),
                        QuantSpec.ternary(),
                        Padding.MASKED,
                        TinyWorkspace.control(1e-7),
                        TinyWorkspace.intervention(Schedule.gradual(6))),
                events,
                () -> false);
    }

    @Test
    void fineTune_report_andStoredTeacher() throws Exception {
        assertThat(fineTuned.kind()).isEqualTo("FINE_TUNE");
        assertThat(fineTuned.models()).containsExactly("teacher");
        JobReport.Run run = fineTuned.runs().get(0);
        assertThat(run.steps()).isEqualTo(24);
        assertThat(run.metrics()).containsOnlyKeys("accuracy", "f1", "matthews");
        assertThat(run.best()).isGreaterThanOrEqualTo(run.metrics().get("accuracy"));
        Path stored = tiny.workspace.model("teacher");
        assertThat(run.digest()).isEqualTo(TinyWorkspace.sha256(stored.resolve(ModelFolder.WEIGHTS)));
        assertThat(stored.resolve(ModelFolder.PACKED)).doesNotExist();
        assertThat(stored.resolve("vocab.txt")).exists();
        ModelCard card = ModelCard.read(stored);
        assertThat(card.kind()).isEqualTo(ModelCard.Kind.FINE_TUNED);
        assertThat(card.task().labels()).containsExactly("bad", "good");
        assertThat(card.metrics()).isEqualTo(run.metrics());
        Manifest.read(stored).verify(stored);
        JobReport again = tiny.run(TinyWorkspace.evaluate("teacher", Padding.MASKED));
        assertThat(again.runs().get(0).metrics()).isEqualTo(run.metrics());
        assertThat(report.teacher()).isEqualTo(run.metrics());
    }

    @Test
    void report_hasArmsTimesSeeds_andContrasts() {
        assertThat(report.kind()).isEqualTo("QAT");
        assertThat(report.primaryMetric()).isEqualTo("accuracy");
        assertThat(report.runs())
                .extracting(run -> run.arm() + " " + run.role() + " " + run.seed())
                .containsExactlyInAnyOrder(
                        "control CONTROL 3", "ti INTERVENTION 3", "control CONTROL 4", "ti INTERVENTION 4");
        for (JobReport.Run run : report.runs()) {
            assertThat(run.metrics()).containsOnlyKeys("accuracy", "f1", "matthews", "teacher_agreement");
            assertThat(run.steps()).isEqualTo(STEPS);
            assertThat(run.seconds()).isPositive();
            assertThat(run.bestStep()).isBetween(1, STEPS);
            long elements = 2L * (4 * 32 * 32 + 2 * 32 * 64) + 32 * 32;
            assertThat(run.fp32Bytes()).isEqualTo(4 * elements);
            assertThat(run.packedBytes()).isEqualTo(elements / 4 + 13 * 4);
        }
        assertThat(report.models())
                .containsExactlyInAnyOrder("student-control-3", "student-ti-3", "student-control-4", "student-ti-4");
        assertThat(report.contrasts())
                .extracting(c -> c.intervention() + " " + c.control() + " "
                        + c.contrast().metric())
                .containsExactly("ti control accuracy", "ti control f1", "ti control matthews");
        assertThat(report.notes()).anySatisfy(note -> assertThat(note).contains("teacher's passes"));
        assertThat(report.notes()).noneSatisfy(note -> assertThat(note).contains("one seed"));
    }

    @Test
    void contrast_isMeanDifference_insideItsInterval() {
        for (JobReport.ArmContrast c : report.contrasts()) {
            String metric = c.contrast().metric();
            double sum = 0;
            for (JobReport.Run run : report.runs()) {
                sum += (run.arm().equals("ti") ? 1 : -1) * run.metrics().get(metric);
            }
            assertThat(Math.abs(sum)).as(metric + " tells the arms apart").isGreaterThan(0.01);
            assertThat(c.contrast().estimate()).as(metric).isCloseTo(sum / 2, within(1e-12));
            assertThat(c.contrast().low()).isLessThanOrEqualTo(c.contrast().estimate());
            assertThat(c.contrast().high()).isGreaterThanOrEqualTo(c.contrast().estimate());
            assertThat(c.contrast().seeds()).isEqualTo(2);
            assertThat(c.contrast().examples()).isEqualTo(30);
            assertThat(c.contrast().seedsResampled()).isTrue();
        }
    }

    /** The control hardly learns here, so that best, its step and the teacher's share have something to tell. */
    @Test
    void best_andStepsToTheTeachersShare_followTheEvaluations() {
        double share = 0.95 * report.teacher().get("accuracy");
        for (JobReport.Run run : report.runs()) {
            double best = Double.NEGATIVE_INFINITY;
            int bestStep = 0, reached = -1;
            for (JobListener.Evaluation e : events.evaluations) {
                double value = e.deployed().get("accuracy");
                boolean same = e.arm().equals(run.arm()) && e.seed() == run.seed();
                if (same && value > best) {
                    best = value;
                    bestStep = e.step();
                }
                if (same && reached < 0 && value >= share) {
                    reached = e.step();
                }
            }
            assertThat(run.best()).isEqualTo(best);
            assertThat(run.bestStep()).isEqualTo(bestStep);
            assertThat(run.stepsToTeacherShare()).isEqualTo(reached);
            assertThat(reached < 0).as(run.arm()).isEqualTo(run.arm().equals("control"));
        }
    }

    @Test
    void oneSeed_reportSaysWhatTheIntervalMeans() throws Exception {
        JobReport one = tiny.run(TinyWorkspace.qat(
                "one",
                2,
                List.of(1L),
                QuantSpec.ternary(),
                Padding.MASKED,
                TinyWorkspace.control(),
                TinyWorkspace.intervention(Schedule.gradual(1))));
        assertThat(one.notes()).anySatisfy(note -> assertThat(note).startsWith("one seed"));
        assertThat(one.contrasts())
                .allSatisfy(c -> assertThat(c.contrast().seedsResampled()).isFalse());
    }

    @Test
    void storedStudents_areComplete() throws Exception {
        Set<String> digests = new HashSet<>();
        for (JobReport.Run run : report.runs()) {
            Path stored = tiny.workspace.model(run.model());
            assertThat(stored.resolve(ModelFolder.PACKED)).exists();
            Manifest manifest = Manifest.read(stored);
            manifest.verify(stored);
            assertThat(manifest.files())
                    .containsOnlyKeys(
                            "config.json", "model.safetensors", "packed.safetensors", "ternion.json", "vocab.txt");
            assertThat(run.digest()).isEqualTo(TinyWorkspace.sha256(stored.resolve(ModelFolder.WEIGHTS)));
            ModelCard card = ModelCard.read(stored);
            assertThat(card.kind()).isEqualTo(ModelCard.Kind.STUDENT);
            assertThat(card.quant()).isEqualTo(QuantSpec.ternary());
            assertThat(card.parent()).isEqualTo("teacher");
            assertThat(card.metrics()).isEqualTo(run.metrics());
            digests.add(run.digest());
        }
        assertThat(digests).hasSize(4);
    }

    /** The stored student, read anew, predicts what the trained one predicted. */
    @Test
    void evaluate_storedStudent_givesTheReportsMetrics() throws Exception {
        for (JobReport.Run run : report.runs()) {
            JobReport again = tiny.run(TinyWorkspace.evaluate(run.model(), Padding.MASKED));
            assertThat(again.kind()).isEqualTo("EVALUATE");
            again.runs()
                    .get(0)
                    .metrics()
                    .forEach((name, value) -> assertThat(value)
                            .as(run.model() + " " + name)
                            .isEqualTo(run.metrics().get(name)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"student-control-3", "student-ti-4"})
    void packedStudent_isTheTernarizationOfTheLatentWeights(String model) throws Exception {
        Path stored = tiny.workspace.model(model);
        int quantized = 0;
        try (SafetensorsFile latent = SafetensorsFile.open(stored.resolve(ModelFolder.WEIGHTS));
                SafetensorsFile packed = SafetensorsFile.open(stored.resolve(ModelFolder.PACKED))) {
            for (String name : latent.names()) {
                float[] w = floats(latent.read(name));
                if (!packed.names().contains(name + ".codes")) {
                    assertThat(floats(packed.read(name))).as(name).isEqualTo(w);
                    assertThat(name.endsWith(".weight") && name.contains("encoder") && !name.contains("Norm"))
                            .isFalse();
                    continue;
                }
                quantized++;
                byte[] bits = new byte[packed.bytes(name + ".codes").remaining()];
                packed.bytes(name + ".codes").get(bits);
                byte[] codes = PackedTernary.unpack(name, bits, w.length);
                ternarization(name, w, codes, floats(packed.read(name + ".scale"))[0]);
            }
        }
        assertThat(quantized).isEqualTo(13);
    }

    /** [TI] 1.5, in double: threshold 0.7 of the mean magnitude, scale the mean of what lies above. */
    private static void ternarization(String name, float[] w, byte[] codes, float scale) {
        double mean = 0;
        for (float x : w) {
            mean += Math.min(Math.abs((double) x), 2.5) / w.length;
        }
        double sum = 0;
        int kept = 0;
        for (int i = 0; i < w.length; i++) {
            double a = Math.min(Math.abs((double) w[i]), 2.5);
            int code = a > 0.7 * mean ? (int) Math.signum(w[i]) : 0;
            boolean onTheEdge = Math.abs(a - 0.7 * mean) < 1e-6 * mean;
            assertThat(onTheEdge || codes[i] == code).as(name + " " + i).isTrue();
            sum += codes[i] == 0 ? 0 : a;
            kept += codes[i] == 0 ? 0 : 1;
        }
        assertThat(kept).as(name).isBetween(w.length / 4, w.length - 1);
        assertThat(scale / (sum / kept)).as(name).isCloseTo(1, within(1e-5));
    }

    private static float[] floats(FloatBuffer buffer) {
        float[] values = new float[buffer.remaining()];
        buffer.duplicate().get(values);
        return values;
    }

    @Test
    void progress_countsEveryStepOfTheJobOnce() {
        assertThat(events.steps).hasSize(STEPS * 4);
        for (int i = 0; i < events.steps.size(); i++) {
            assertThat(events.steps.get(i).stepsDone()).isEqualTo(i + 1);
            assertThat(events.steps.get(i).stepsTotal()).isEqualTo(STEPS * 4);
        }
        List<String> sites = new ArrayList<>();
        events.steps.stream()
                .filter(step -> step.arm().equals("ti") && step.seed() == 3)
                .forEach(step -> sites.add(step.site()));
        assertThat(sites).containsExactly("OUTPUT", "CONTEXT", "MAP", "MAP", "MAP", "MAP", "", "");
        assertThat(events.steps)
                .filteredOn(step -> step.arm().equals("control"))
                .allSatisfy(step -> assertThat(step.site()).isEmpty());
        assertThat(events.phases).contains("INTERVENTION ti", "FULL_QAT ti", "FULL_QAT control", "SAVING ti");
    }

    /** In step 1 both metrics are told, behind it the deployed ones alone; an arm ends its phase with an evaluation. */
    @Test
    void evaluations_tellBothMetricsInStepOne() {
        for (JobListener.Evaluation e : events.evaluations) {
            boolean intervening = e.arm().equals("ti") && e.step() <= 6;
            assertThat(e.deployed()).containsKeys("accuracy", "teacher_agreement");
            assertThat(e.intervened().isEmpty()).as(e.toString()).isEqualTo(!intervening);
        }
        assertThat(events.evaluations)
                .extracting(e -> e.arm() + " " + e.seed() + " " + e.step())
                .contains("ti 3 3", "ti 3 6", "ti 3 8", "control 4 3", "control 4 6", "control 4 8")
                .hasSize(12);
        assertThat(events.evaluations)
                .filteredOn(e -> !e.intervened().isEmpty())
                .anySatisfy(e -> assertThat(e.intervened()).isNotEqualTo(e.deployed()));
    }

    @Test
    void noUnfinishedFolderIsLeft() throws IOException {
        try (var models = Files.list(tiny.workspace.models())) {
            assertThat(models.map(path -> path.getFileName().toString())).noneMatch(name -> name.startsWith("."));
        }
    }
}
