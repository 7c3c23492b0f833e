package dev.ternion.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.api.v1.JobReport;
import dev.ternion.api.v1.JobSpec;
import dev.ternion.api.v1.QatSpec;
import dev.ternion.api.v1.Run;
import dev.ternion.cli.FakeServer.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuickstartTest {
    @TempDir
    private Path folder;

    @Test
    void importsTrainsAndCompares() throws IOException {
        Path jar = Files.writeString(folder.resolve("model.jar"), "a model");
        String before = System.setProperty("ternion.pretrained", jar.toString());
        try (FakeServer server = new FakeServer()) {
            server.jobs.report = JobReport.newBuilder()
                    .setKind("QAT")
                    .setPrimaryMetric("accuracy")
                    .putTeacher("accuracy", 0.98)
                    .addRuns(Run.newBuilder()
                            .setArm("control")
                            .setRole("CONTROL")
                            .setSteps(10))
                    .addModels("student-1")
                    .build();

            Result result = server.run("quickstart", "--steps", "10", "--seed", "5");

            assertThat(result.code()).as(result.err()).isZero();
            assertThat(server.stores.uploaded).containsOnlyKeys("model.jar", "train.tsv", "eval.tsv");
            QatSpec qat = server.jobs.created.get(1).getJob().getSpec().getQat();
            assertThat(qat.getBudget().getSteps()).isEqualTo(10);
            assertThat(qat.getSeedsList()).containsExactly(5L);
            assertThat(qat.getArms(1).getSchedule().getSteps()).isEqualTo(5);
            assertThat(qat.getTeacher())
                    .isEqualTo(server.jobs
                            .created
                            .get(0)
                            .getJob()
                            .getSpec()
                            .getFineTune()
                            .getOutputModel());
            assertThat(result.err()).contains("teacher", "control (CONTROL)", "Next:", "models download student-1");
        } finally {
            if (before == null) {
                System.clearProperty("ternion.pretrained");
            } else {
                System.setProperty("ternion.pretrained", before);
            }
        }
    }

    @Test
    void aNamedEncoderAndDeviceGoIntoBothJobs() throws IOException {
        Path encoder = Files.createDirectory(folder.resolve("encoder"));
        Files.writeString(encoder.resolve("config.json"), "{}");
        Files.writeString(encoder.resolve("notes.md"), "not for the server");
        try (FakeServer server = new FakeServer()) {
            server.jobs.report = JobReport.newBuilder().setKind("QAT").build();
            Result result = server.run("quickstart", "--device", "cuda:0", "--encoder", encoder.toString());
            assertThat(result.code()).as(result.err()).isZero();
            assertThat(server.stores.uploaded).containsOnlyKeys("config.json", "train.tsv", "eval.tsv");
            JobSpec teacher = server.jobs.created.get(0).getJob().getSpec();
            JobSpec student = server.jobs.created.get(1).getJob().getSpec();
            assertThat(teacher.getFineTune().getDevice()).isEqualTo("cuda:0");
            assertThat(student.getQat().getDevice()).isEqualTo("cuda:0");
            assertThat(teacher.getFineTune().getOptimizer().getLearningRate())
                    .as("a pretrained encoder keeps the rates of the job files")
                    .isEqualTo(1e-4);
        }
    }

    @Test
    void randomWeightsGetHigherRatesAndMoreEpochs() throws IOException {
        QuickstartJobs jobs = QuickstartJobs.read(null, null).fromRandomWeights();
        assertThat(jobs.teacher().getSpec().getFineTune().getBudget().getEpochs())
                .isEqualTo(3);
        assertThat(jobs.student().getSpec().getQat().getArmsList())
                .allSatisfy(
                        arm -> assertThat(arm.getOptimizer().getLearningRate()).isEqualTo(1e-3));
        assertThat(QuickstartJobs.read(7, null)
                        .fromRandomWeights()
                        .teacher()
                        .getSpec()
                        .getFineTune()
                        .getBudget())
                .as("a number of steps stays")
                .satisfies(budget -> assertThat(budget.getSteps()).isEqualTo(7))
                .satisfies(budget -> assertThat(budget.hasEpochs()).isFalse());
    }

    @Test
    void theShippedHeadlinesAreBalancedAndSmall() throws IOException {
        Path data = Path.of("src/main/resources/quickstart");

        assertThat(Files.readAllLines(data.resolve("train.tsv")))
                .hasSize(2401)
                .first()
                .isEqualTo("label\ttext");
        assertThat(Files.readAllLines(data.resolve("eval.tsv"))).hasSize(601);
        assertThat(Files.readAllLines(data.resolve("train.tsv")).stream().filter(row -> row.startsWith("clickbait\t")))
                .hasSize(1200);
        assertThat(Files.size(data.resolve("train.tsv")) + Files.size(data.resolve("eval.tsv")))
                .isLessThan(400 * 1024L);
    }
}
