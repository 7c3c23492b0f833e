package dev.ternion.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.ternion.artifact.PackedTernary;
import dev.ternion.artifact.SafetensorsFile;
import dev.ternion.data.Padding;
import dev.ternion.intervention.Schedule;
import dev.ternion.intervention.Site;
import dev.ternion.quant.QuantSpec;
import dev.ternion.quant.QuantSpec.Granularity;
import dev.ternion.quant.QuantSpec.WeightRule;
import dev.ternion.recipe.qat.ArmSpec;
import dev.ternion.recipe.report.JobReport;
import dev.ternion.training.LossWeights;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every setting runs a few steps, stores its student, and the student evaluates to the report's metrics. */
class QatVariantsIT {
    private static final String QUERY = "encoder.layer.0.attention.self.query.weight";

    @TempDir
    static Path folder;

    private static TinyWorkspace tiny;

    @BeforeAll
    static void teach() throws Exception {
        tiny = new TinyWorkspace(folder).filled().taught("teacher");
    }

    private static QuantSpec quant(WeightRule rule, Granularity weights, int group, Granularity activations, int bits) {
        return new QuantSpec(rule, weights, group, 2.5, bits, activations, 2.5, true, true, true);
    }

    static Stream<Arguments> quantizers() {
        return Stream.of(
                Arguments.of("binary", quant(WeightRule.BINARY, Granularity.TENSOR, 0, Granularity.TENSOR, 8), 1),
                Arguments.of("rows", quant(WeightRule.TERNARY, Granularity.ROW, 0, Granularity.TENSOR, 8), 32),
                Arguments.of("groups", quant(WeightRule.TERNARY, Granularity.GROUP, 8, Granularity.TENSOR, 8), 128),
                Arguments.of("binarygroups", quant(WeightRule.BINARY, Granularity.GROUP, 16, Granularity.ROW, 8), 64),
                Arguments.of("onebit", quant(WeightRule.BINARY, Granularity.TENSOR, 0, Granularity.TENSOR, 1), 1),
                Arguments.of("onebitrows", quant(WeightRule.BINARY, Granularity.ROW, 0, Granularity.ROW, 1), 32),
                Arguments.of("onebitinputs", quant(WeightRule.TERNARY, Granularity.TENSOR, 0, Granularity.ROW, 1), 1),
                Arguments.of("tokens", quant(WeightRule.TERNARY, Granularity.TENSOR, 0, Granularity.ROW, 4), 1),
                Arguments.of(
                        "bare",
                        new QuantSpec(
                                WeightRule.TERNARY,
                                Granularity.TENSOR,
                                0,
                                1,
                                2,
                                Granularity.TENSOR,
                                1,
                                false,
                                false,
                                false),
                        1));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("quantizers")
    void quantizer(String name, QuantSpec quant, int scales) throws Exception {
        JobReport report = run(name, quant, Padding.MASKED, TinyWorkspace.control());
        Path stored = tiny.workspace.model(report.runs().get(0).model());
        try (SafetensorsFile packed = SafetensorsFile.open(stored.resolve(ModelFolder.PACKED));
                SafetensorsFile latent = SafetensorsFile.open(stored.resolve(ModelFolder.WEIGHTS))) {
            assertThat(packed.shape(QUERY + ".scale")).containsExactly(scales);
            assertThat(packed.names().contains("pooler.dense.weight.codes")).isEqualTo(quant.pooler());
            if (quant.weights() == WeightRule.BINARY) {
                binary(latent.read(QUERY), packed, scales);
            }
        }
    }

    /** Binary weights and one-bit inputs learn: the sum of the losses falls by a tenth and more. */
    @Test
    void oneBitTrains() throws Exception {
        QuantSpec bits = quant(WeightRule.BINARY, Granularity.TENSOR, 0, Granularity.TENSOR, 1);
        TinyWorkspace.Events events = new TinyWorkspace.Events();
        int steps = 60, some = 10;
        ArmSpec arm = TinyWorkspace.control();
        tiny.run(TinyWorkspace.qat("bits", steps, List.of(1L), bits, Padding.MASKED, arm), events, () -> false);
        double[] losses = events.steps.stream()
                .mapToDouble(step -> step.losses().values().stream()
                        .mapToDouble(Double::doubleValue)
                        .sum())
                .toArray();
        assertThat(losses).hasSize(steps);
        double first = Arrays.stream(losses, 0, some).average().orElseThrow();
        double last = Arrays.stream(losses, steps - some, steps).average().orElseThrow();
        assertThat(last).as("mean loss of the last steps, first %f", first).isLessThan(0.9 * first);
    }

    /** Sign times mean magnitude of each group. Ref: [BWN] */
    private static void binary(FloatBuffer latent, SafetensorsFile packed, int scales) throws Exception {
        int count = latent.remaining(), group = count / scales;
        byte[] bits = new byte[packed.bytes(QUERY + ".codes").remaining()];
        packed.bytes(QUERY + ".codes").get(bits);
        byte[] codes = PackedTernary.unpackBinary("codes", bits, count);
        FloatBuffer scale = packed.read(QUERY + ".scale");
        for (int g = 0; g < scales; g++) {
            double sum = 0;
            for (int i = g * group; i < (g + 1) * group; i++) {
                sum += Math.abs(latent.get(i));
                assertThat((int) codes[i]).isEqualTo(latent.get(i) >= 0 ? 1 : -1);
            }
            assertThat((double) scale.get(g)).isCloseTo(sum / group, within(1e-6));
        }
    }

    static Stream<Schedule> schedules() {
        return Stream.of(
                Schedule.fixed(Site.MAP, 3),
                Schedule.fixed(Site.CONTEXT, 3),
                Schedule.fixed(Site.OUTPUT, 3),
                Schedule.gradual(3),
                new Schedule(Schedule.Kind.INVERTED, 3, null, Schedule.INVERTED_FRACTIONS),
                new Schedule(Schedule.Kind.STOCHASTIC, 3, null, List.of()));
    }

    @ParameterizedTest
    @MethodSource("schedules")
    void schedule(Schedule schedule) throws Exception {
        String name = (schedule.kind() + "" + schedule.fixedSite()).toLowerCase(java.util.Locale.ROOT);
        run(name, QuantSpec.ternary(), Padding.MASKED, TinyWorkspace.intervention(schedule));
    }

    @Test
    void stochastic_drawsWithTheSeedOfTheArm() throws Exception {
        Schedule schedule = new Schedule(Schedule.Kind.STOCHASTIC, 8, null, List.of());
        TinyWorkspace.Events events = new TinyWorkspace.Events();
        ArmSpec arm = TinyWorkspace.intervention(schedule);
        tiny.run(
                TinyWorkspace.qat("draws", 9, List.of(5L, 6L), QuantSpec.ternary(), Padding.MASKED, arm),
                events,
                () -> false);
        for (JobListener.StepProgress step : events.steps) {
            String wanted = step.step() > 8
                    ? ""
                    : schedule.at(step.seed(), step.step() - 1).name();
            assertThat(step.site()).as(step.toString()).isEqualTo(wanted);
        }
        assertThat(sites(events, 5)).isNotEqualTo(sites(events, 6));
    }

    private static List<String> sites(TinyWorkspace.Events events, long seed) {
        return events.steps.stream()
                .filter(step -> step.seed() == seed)
                .map(JobListener.StepProgress::site)
                .toList();
    }

    @Test
    void mapKl() throws Exception {
        ArmSpec arm = TinyWorkspace.intervention("kl", Schedule.gradual(3), LossWeights.mapKlVariant());
        run("kl", QuantSpec.ternary(), Padding.MASKED, arm);
    }

    @Test
    void referencePadding() throws Exception {
        run("pads", QuantSpec.ternary(), Padding.REFERENCE, TinyWorkspace.intervention(Schedule.gradual(3)));
    }

    @Test
    void regression() throws Exception {
        assertThat(RegressionTask.run(tiny).runs().get(0).metrics())
                .containsOnlyKeys("pearson", "spearman", "pearson_spearman_mean");
    }

    private static JobReport run(String name, QuantSpec quant, Padding padding, ArmSpec arm) throws Exception {
        TinyWorkspace.Events events = new TinyWorkspace.Events();
        JobReport report = tiny.run(TinyWorkspace.qat(name, 4, List.of(1L), quant, padding, arm), events, () -> false);
        assertThat(events.steps)
                .hasSize(4)
                .allSatisfy(step -> assertThat(step.losses().values())
                        .allSatisfy(loss -> assertThat(loss).isFinite()));
        JobReport.Run run = report.runs().get(0);
        JobReport again = tiny.run(TinyWorkspace.evaluate(run.model(), padding));
        again.runs()
                .get(0)
                .metrics()
                .forEach((metric, value) ->
                        assertThat(value).as(metric).isEqualTo(run.metrics().get(metric)));
        return report;
    }
}
