package dev.ternion.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ternion.api.v1.Arm;
import dev.ternion.api.v1.Budget;
import dev.ternion.api.v1.DataSpec;
import dev.ternion.api.v1.JobSpec;
import dev.ternion.api.v1.LossSpec;
import dev.ternion.api.v1.OptimizerSpec;
import dev.ternion.api.v1.QatSpec;
import dev.ternion.api.v1.QuantSpec;
import dev.ternion.api.v1.Schedule;
import dev.ternion.api.v1.Site;
import dev.ternion.data.Padding;
import dev.ternion.recipe.evaluate.EvaluateSpec;
import dev.ternion.recipe.finetune.FineTuneSpec;
import dev.ternion.training.LossWeights;
import dev.ternion.training.Precision;
import java.util.List;
import org.junit.jupiter.api.Test;

class SpecMapperTest {
    @Test
    void absentFieldsTakeTheDefaults() {
        dev.ternion.recipe.DataSpec data = new dev.ternion.recipe.DataSpec("spam", 128, Padding.MASKED, 0, 0);
        dev.ternion.recipe.Budget budget = new dev.ternion.recipe.Budget(32, 3, 0, 0);
        assertThat(SpecMapper.read(SpecFixtures.fineTune(), "my-job"))
                .isEqualTo(new FineTuneSpec(
                        "mini-encoder", data, null, budget, Defaults.OPTIMIZER, 0.1, 42, "my-job", "cpu", 0));
        assertThat(SpecMapper.read(SpecFixtures.qat(), "my-job"))
                .isEqualTo(new dev.ternion.recipe.qat.QatSpec(
                        "mini-teacher",
                        data,
                        dev.ternion.quant.QuantSpec.ternary(),
                        budget,
                        Defaults.arms(),
                        List.of(42L),
                        0.1,
                        "my-job",
                        "cpu",
                        Precision.FP32,
                        0));
        assertThat(SpecMapper.read(SpecFixtures.evaluate(), "my-job"))
                .isEqualTo(new EvaluateSpec("mini-teacher", data, 32, "cpu", 0));
    }

    @Test
    void recordsComeBackFromTheirMessages() {
        for (JobSpec proto : List.of(SpecFixtures.fineTune(), SpecFixtures.qat(), SpecFixtures.evaluate(), full())) {
            dev.ternion.recipe.JobSpec spec = SpecMapper.read(proto, "my-job");
            assertThat(SpecMapper.read(SpecMapper.write(spec), "other-job")).isEqualTo(spec);
            assertThat(SpecMapper.decode(SpecMapper.encode(spec))).isEqualTo(spec);
        }
    }

    @Test
    void namesStandForIds() {
        JobSpec.Builder spec = SpecFixtures.evaluate().toBuilder();
        spec.getEvaluateBuilder().setModel("projects/default/models/mini-teacher");
        assertThat(((EvaluateSpec) SpecMapper.read(spec.build(), "x")).model()).isEqualTo("mini-teacher");
    }

    @Test
    void allViolationsComeAtOnce() {
        QatSpec bad = QatSpec.newBuilder()
                .setTeacher("projects/other/models/teacher")
                .setData(DataSpec.newBuilder().setMaxLength(3).setTrainRows(-1))
                .setQuant(QuantSpec.newBuilder()
                        .setWeightGranularity(QuantSpec.Granularity.GRANULARITY_GROUP)
                        .setWeightGroup(6)
                        .setWeightClip(Double.NaN)
                        .setActivationBits(9)
                        .setActivationGranularity(QuantSpec.Granularity.GRANULARITY_GROUP))
                .setBudget(Budget.newBuilder().setBatchSize(5000).setEpochs(1).setSteps(10))
                .addArms(Arm.newBuilder()
                        .setName("Control")
                        .setRole(Arm.Role.ROLE_CONTROL)
                        .setSchedule(Schedule.newBuilder()
                                .setKind(Schedule.Kind.KIND_FIXED)
                                .setFixedSite(Site.SITE_SCORES)
                                .addFractions(0.5)))
                .addArms(Arm.newBuilder()
                        .setName("x")
                        .setRole(Arm.Role.ROLE_INTERVENTION)
                        .setInterventionOptimizer(OptimizerSpec.getDefaultInstance())
                        .setLosses(LossSpec.newBuilder().setPreset("best").setScores(-1)))
                .addArms(Arm.newBuilder()
                        .setName("x")
                        .setOptimizer(
                                OptimizerSpec.newBuilder().setLearningRate(0).setWarmup(1)))
                .addSeeds(1)
                .addSeeds(1)
                .setDropout(1)
                .setOutputModel("X")
                .setDevice("tpu")
                .setDeviceMemoryMib(-1)
                .build();
        assertThat(violations(JobSpec.newBuilder().setQat(bad).build()))
                .extracting(Violation::path)
                .containsExactlyInAnyOrder(
                        "spec.qat.teacher",
                        "spec.qat.data.dataset",
                        "spec.qat.data.max_length",
                        "spec.qat.data.train_rows",
                        "spec.qat.quant.weight_group",
                        "spec.qat.quant.weight_clip",
                        "spec.qat.quant.activation_bits",
                        "spec.qat.quant.activation_granularity",
                        "spec.qat.budget.batch_size",
                        "spec.qat.budget.epochs",
                        "spec.qat.arms[0].name",
                        "spec.qat.arms[0].role",
                        "spec.qat.arms[0].schedule.fixed_site",
                        "spec.qat.arms[0].schedule.fractions",
                        "spec.qat.arms[1].role",
                        "spec.qat.arms[1].intervention_optimizer",
                        "spec.qat.arms[1].losses.preset",
                        "spec.qat.arms[1].losses.scores",
                        "spec.qat.arms[2].name",
                        "spec.qat.arms[2].optimizer.learning_rate",
                        "spec.qat.arms[2].optimizer.warmup",
                        "spec.qat.seeds",
                        "spec.qat.dropout",
                        "spec.qat.output_model",
                        "spec.qat.device",
                        "spec.qat.device_memory_mib");
    }

    @Test
    void violationsTellTheValueAndTheRange() {
        JobSpec.Builder spec = SpecFixtures.qat().toBuilder();
        spec.getQatBuilder().getQuantBuilder().setActivationBits(9).setWeightClip(-1);
        assertThat(violations(spec.build()))
                .containsExactly(
                        new Violation("spec.qat.quant.weight_clip", "is -1.0, wanted above 0, at most 1000"),
                        new Violation("spec.qat.quant.activation_bits", "is 9, wanted 1 to 8"));
    }

    @Test
    void anAbsentKindOrDataIsAViolation() {
        assertThat(violations(JobSpec.getDefaultInstance()))
                .containsExactly(new Violation("spec", "is absent, wanted one of fine_tune, qat, evaluate"));
        JobSpec.Builder spec = SpecFixtures.evaluate().toBuilder();
        spec.getEvaluateBuilder().clearData();
        assertThat(violations(spec.build()))
                .containsExactly(new Violation("spec.evaluate.data", "is absent, wanted the data of the job"));
    }

    @Test
    void unknownEnumNumbersAreViolations() {
        JobSpec.Builder spec = SpecFixtures.evaluate().toBuilder();
        spec.getEvaluateBuilder().getDataBuilder().setPaddingValue(99);
        assertThat(violations(spec.build())).extracting(Violation::path).containsExactly("spec.evaluate.data.padding");
        JobSpec.Builder qat = SpecFixtures.qat().toBuilder();
        qat.getQatBuilder().setPrecisionValue(16);
        assertThat(violations(qat.build()))
                .containsExactly(new Violation(
                        "spec.qat.precision", "is a number that has no name here, wanted one of [FP32, BF16]"));
    }

    @Test
    void lossesAreAPresetWithOverrides() {
        LossSpec proto = LossSpec.newBuilder()
                .setPreset("ternarybert")
                .setOutput(0.5)
                .setPredictionPerClass(false)
                .build();
        LossWeights read = LossMapper.read(proto, Fields.root("losses"));
        assertThat(read).isEqualTo(new LossWeights(1, 1, 1, 0.5, 0, 0, false));
        assertThat(LossMapper.write(LossWeights.mapKlVariant()).getPreset()).isEqualTo("map-kl");
        assertThat(LossMapper.write(read).getPreset()).isEmpty();
    }

    @Test
    void everyKindOfJobCanLimitItsMemory() {
        JobSpec.Builder fineTune = SpecFixtures.fineTune().toBuilder(), evaluate = SpecFixtures.evaluate().toBuilder();
        fineTune.getFineTuneBuilder().setDeviceMemoryMib(1);
        evaluate.getEvaluateBuilder().setDeviceMemoryMib(1 << 20);
        assertThat(SpecMapper.read(fineTune.build(), "my-job").deviceMemoryMib())
                .isEqualTo(1);
        assertThat(SpecMapper.decode(SpecMapper.encode(SpecMapper.read(evaluate.build(), "my-job")))
                        .deviceMemoryMib())
                .isEqualTo(1 << 20);
        evaluate.getEvaluateBuilder().setDeviceMemoryMib((1 << 20) + 1);
        assertThat(violations(evaluate.build()))
                .containsExactly(new Violation("spec.evaluate.device_memory_mib", "is 1048577, wanted 1 to 1048576"));
    }

    private static List<Violation> violations(JobSpec spec) {
        return catchThrowableOfType(InvalidRequest.class, () -> SpecMapper.read(spec, "my-job"))
                .violations();
    }

    private static JobSpec full() {
        JobSpec.Builder spec = SpecFixtures.qat().toBuilder();
        QatSpec.Builder qat = spec.getQatBuilder();
        qat.getDataBuilder()
                .setMaxLength(64)
                .setPadding(DataSpec.Padding.PADDING_REFERENCE)
                .setTrainRows(100);
        qat.getQuantBuilder()
                .setWeights(QuantSpec.WeightRule.WEIGHT_RULE_BINARY)
                .setWeightGranularity(QuantSpec.Granularity.GRANULARITY_GROUP)
                .setWeightGroup(64)
                .setPooler(false)
                .setActivationGranularity(QuantSpec.Granularity.GRANULARITY_ROW);
        qat.setPrecision(QatSpec.Precision.PRECISION_BF16).setDeviceMemoryMib(2048);
        qat.getBudgetBuilder().setSteps(500).setEvalEvery(50);
        qat.addArms(Arm.newBuilder().setName("plain").setRole(Arm.Role.ROLE_ABLATION));
        qat.addArms(Arm.newBuilder()
                .setName("fixed")
                .setSchedule(Schedule.newBuilder()
                        .setKind(Schedule.Kind.KIND_FIXED)
                        .setFixedSite(Site.SITE_CONTEXT)
                        .setSteps(7))
                .setInterventionOptimizer(OptimizerSpec.newBuilder()
                        .setKind(OptimizerSpec.Kind.KIND_ADAMW)
                        .setLearningRate(1e-4)));
        qat.addArms(Arm.newBuilder()
                .setName("inverted")
                .setSchedule(Schedule.newBuilder()
                        .setKind(Schedule.Kind.KIND_INVERTED)
                        .setSteps(9)));
        qat.addArms(Arm.newBuilder()
                .setName("random")
                .setSchedule(Schedule.newBuilder().setKind(Schedule.Kind.KIND_STOCHASTIC)));
        return spec.setQat(qat.addSeeds(-1).addSeeds(7).setDropout(0)).build();
    }
}
