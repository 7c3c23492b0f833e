package dev.ternion.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.data.Padding;
import dev.ternion.intervention.Schedule;
import dev.ternion.quant.QuantSpec;
import dev.ternion.recipe.qat.ArmSpec;
import dev.ternion.recipe.report.JobReport;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Same spec, same bytes: again, with other threads, and for an arm that shares the teacher's pass or not. */
class QatDigestIT {
    private static final ArmSpec CONTROL = TinyWorkspace.control();
    private static final ArmSpec TI = TinyWorkspace.intervention(Schedule.gradual(4));

    @TempDir
    Path folder;

    private TinyWorkspace tiny;

    @BeforeEach
    void teach() throws Exception {
        tiny = new TinyWorkspace(folder).filled().taught("teacher");
    }

    /** SHA-256 of latent and packed weights by arm. */
    private Map<String, String> digests(String output, Padding padding, List<Long> seeds, ArmSpec... arms)
            throws Exception {
        JobReport report = tiny.run(TinyWorkspace.qat(output, 6, seeds, QuantSpec.ternary(), padding, arms));
        Map<String, String> digests = new TreeMap<>();
        for (JobReport.Run run : report.runs()) {
            Path packed = tiny.workspace.model(run.model()).resolve(ModelFolder.PACKED);
            digests.put(run.arm() + run.seed(), run.digest() + " " + TinyWorkspace.sha256(packed));
        }
        return digests;
    }

    @ParameterizedTest
    @EnumSource(Padding.class)
    void sameSpec_sameDigests_withOneThreadAndTwo(Padding padding) throws Exception {
        Map<String, String> first = digests("first", padding, List.of(1L, 2L), CONTROL, TI);
        assertThat(first.values()).doesNotHaveDuplicates().hasSize(4);
        assertThat(digests("again", padding, List.of(1L, 2L), CONTROL, TI)).isEqualTo(first);
        assertThat(digests("first", padding, List.of(1L, 2L), CONTROL, TI))
                .as("overwritten")
                .isEqualTo(first);
        tiny.threads = 2;
        assertThat(digests("threads", padding, List.of(1L, 2L), CONTROL, TI)).isEqualTo(first);
    }

    @Test
    void armAlone_sameDigestAsBesideAnother() throws Exception {
        Map<String, String> both = digests("both", Padding.MASKED, List.of(1L, 2L), CONTROL, TI);
        assertThat(digests("ti", Padding.MASKED, List.of(1L), TI)).containsEntry("ti1", both.get("ti1"));
        assertThat(digests("control", Padding.MASKED, List.of(2L), CONTROL))
                .containsEntry("control2", both.get("control2"));
        assertThat(digests("turned", Padding.MASKED, List.of(2L, 1L), TI, CONTROL))
                .isEqualTo(both);
    }

    @Test
    void fineTune_sameDigestAgainAndWithTwoThreads_anotherWithAnotherSeed() throws Exception {
        String first = tiny.run(TinyWorkspace.fineTune("encoder", "one", 6))
                .runs()
                .get(0)
                .digest();
        assertThat(tiny.run(TinyWorkspace.fineTune("encoder", "two", 6))
                        .runs()
                        .get(0)
                        .digest())
                .isEqualTo(first);
        tiny.threads = 2;
        assertThat(tiny.run(TinyWorkspace.fineTune("encoder", "three", 6))
                        .runs()
                        .get(0)
                        .digest())
                .isEqualTo(first);
        var spec = TinyWorkspace.fineTune("encoder", "four", 6);
        var other = new dev.ternion.recipe.finetune.FineTuneSpec(
                spec.model(),
                spec.data(),
                spec.pooling(),
                spec.budget(),
                spec.optimizer(),
                spec.dropout(),
                spec.seed() + 1,
                spec.outputModel(),
                spec.device(),
                0);
        assertThat(tiny.run(other).runs().get(0).digest()).isNotEqualTo(first);
    }
}
