package dev.ternion.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.recipe.report.Contrast;
import dev.ternion.recipe.report.JobReport;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportMapperTest {
    @Test
    void aReportComesBackFromItsMessage() {
        JobReport report = new JobReport(
                "QAT",
                "MATTHEWS",
                Map.of("MATTHEWS", 0.57),
                List.of(new JobReport.Run(
                        "ti-g",
                        "INTERVENTION",
                        42,
                        Map.of("MATTHEWS", 0.5),
                        0.51,
                        40,
                        -1,
                        60,
                        12.5,
                        400,
                        26,
                        "m-ti",
                        "ab")),
                List.of(new JobReport.ArmContrast(
                        "ti-g", "control", new Contrast("MATTHEWS", 0.1, -0.1, 0.3, 1000, 1, 800, false))),
                List.of("m-ti"),
                List.of("one seed"),
                new JobReport.Execution("cpu AVX2, 2 threads", "BF16", List.of("cublasLt 130100", "id 66: f32 1x2x3")));
        assertThat(ReportMapper.read(ReportMapper.write(report, "n"))).isEqualTo(report);
        assertThat(ReportMapper.message(ReportMapper.encode(report), "projects/default/jobs/j")
                        .getName())
                .isEqualTo("projects/default/jobs/j");
    }
}
