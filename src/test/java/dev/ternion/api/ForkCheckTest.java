package dev.ternion.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.api.v1.Arm;
import dev.ternion.api.v1.JobSpec;
import dev.ternion.api.v1.OptimizerSpec;
import dev.ternion.api.v1.QatSpec;
import dev.ternion.api.v1.Schedule;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What a fork may change of a spec and what not; all problems at once. */
class ForkCheckTest {
    private static final JobSpec QAT = SpecMapper.write(SpecMapper.read(SpecFixtures.qat(), "source"));
    private static final JobSpec TUNE = SpecMapper.write(SpecMapper.read(SpecFixtures.fineTune(), "source"));
    private static final int ROWS = 3200;

    private static List<String> qat(int step, Consumer<QatSpec.Builder> change) {
        JobSpec.Builder fork = QAT.toBuilder();
        change.accept(fork.getQatBuilder());
        return problems(QAT, fork.build(), step);
    }

    private static List<String> problems(JobSpec source, JobSpec fork, int step) {
        return ForkCheck.problems(SpecMapper.read(source, ""), SpecMapper.read(fork, ""), step, ROWS).stream()
                .map(Violation::path)
                .toList();
    }

    @Test
    void whatMayChange() {
        assertThat(qat(30, qat -> {})).isEmpty();
        assertThat(qat(30, qat -> {
                    qat.setOutputModel("other").setDeviceMemoryMib(100);
                    qat.getBudgetBuilder().clearEpochs().setSteps(500).setEvalEvery(7);
                    qat.getCheckpointsBuilder().setKeepBest(true);
                    qat.getArmsBuilder(0)
                            .getOptimizerBuilder()
                            .setLearningRate(1e-4)
                            .setWarmup(0)
                            .setWeightDecay(0);
                    qat.getArmsBuilder(1).getScheduleBuilder().setSteps(30).setKind(Schedule.Kind.KIND_INVERTED);
                }))
                .isEmpty();
        JobSpec.Builder tune = TUNE.toBuilder();
        tune.getFineTuneBuilder().getBudgetBuilder().clearEpochs().setSteps(30);
        assertThat(problems(TUNE, tune.build(), 30)).isEmpty();
    }

    @Test
    void allThatMayNotChangeIsToldAtOnce() {
        assertThat(qat(30, qat -> {
                    qat.setTeacher("another").setDropout(0.5).clearSeeds().addSeeds(7);
                    qat.setPrecision(QatSpec.Precision.PRECISION_BF16);
                    qat.getDataBuilder()
                            .setDataset("news")
                            .setMaxLength(64)
                            .setTrainRows(9)
                            .setEvalRows(9);
                    qat.getQuantBuilder().setActivationBits(4);
                    qat.getBudgetBuilder().clearEpochs().setBatchSize(64).setSteps(29);
                    qat.getArmsBuilder(0).setName("other").getLossesBuilder().setScores(7);
                    qat.getArmsBuilder(1).getScheduleBuilder().setSteps(29);
                    qat.getArmsBuilder(1).getInterventionOptimizerBuilder().setKind(OptimizerSpec.Kind.KIND_ADAMW);
                }))
                .containsExactlyInAnyOrder(
                        "spec.qat.teacher",
                        "spec.qat.dropout",
                        "spec.qat.seeds",
                        "spec.qat.precision",
                        "spec.qat.data.dataset",
                        "spec.qat.data.max_length",
                        "spec.qat.data.train_rows",
                        "spec.qat.data.eval_rows",
                        "spec.qat.quant",
                        "spec.qat.budget.batch_size",
                        "spec.qat.budget.steps",
                        "spec.qat.arms[0].name",
                        "spec.qat.arms[0].losses",
                        "spec.qat.arms[1].schedule.steps",
                        "spec.qat.arms[1].intervention_optimizer.kind");
        assertThat(qat(30, qat -> qat.addArms(Arm.newBuilder().setName("third"))))
                .containsExactly("spec.qat.arms");
        assertThat(problems(QAT, TUNE, 3)).containsExactly("spec");
        JobSpec.Builder tune = TUNE.toBuilder();
        tune.getFineTuneBuilder().setModel("another").setSeed(7).setDropout(0.5);
        tune.getFineTuneBuilder().getOptimizerBuilder().setKind(OptimizerSpec.Kind.KIND_ADAMW);
        assertThat(problems(TUNE, tune.build(), 3))
                .containsExactlyInAnyOrder(
                        "spec.fine_tune.model",
                        "spec.fine_tune.seed",
                        "spec.fine_tune.dropout",
                        "spec.fine_tune.optimizer.kind");
    }

    /** The default schedule has 60 steps: at step 60 it can still go on, at 61 it is over. */
    @Test
    void anInterventionThatIsOverStaysAsItWas() {
        Consumer<QatSpec.Builder> more =
                qat -> qat.getArmsBuilder(1).getScheduleBuilder().setSteps(70);
        assertThat(qat(60, more)).isEmpty();
        assertThat(qat(61, more)).containsExactly("spec.qat.arms[1].schedule");
        assertThat(qat(
                        10,
                        qat -> qat.getArmsBuilder(1)
                                .clearSchedule()
                                .clearInterventionOptimizer()
                                .setRole(Arm.Role.ROLE_ABLATION)))
                .containsExactlyInAnyOrder("spec.qat.arms[1].role", "spec.qat.arms[1].schedule");
    }
}
