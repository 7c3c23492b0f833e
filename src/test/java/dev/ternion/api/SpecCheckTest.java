package dev.ternion.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ternion.api.ResourceCatalog.ModelFacts;
import dev.ternion.api.ResourceCatalog.ModelKind;
import dev.ternion.api.ResourceCatalog.TaskKind;
import dev.ternion.api.v1.JobSpec;
import dev.ternion.api.v1.QuantSpec;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** A spec against what is stored. */
class SpecCheckTest {
    private final SpecFixtures.Catalog catalog = SpecFixtures.catalog();

    @Test
    void specsThatMatchTheStorePass() {
        for (JobSpec spec : List.of(SpecFixtures.fineTune(), SpecFixtures.qat(), SpecFixtures.evaluate())) {
            assertThatCode(() -> SpecMapper.read(spec, "my-job", catalog)).doesNotThrowAnyException();
        }
    }

    @Test
    void whatIsNamedMustExist() {
        assertThat(qatViolations(qat -> {
                    qat.setTeacher("nobody");
                    qat.getDataBuilder().setDataset("nothing");
                }))
                .extracting(Violation::path)
                .containsExactly("spec.qat.teacher", "spec.qat.data.dataset");
    }

    @Test
    void theTeacherMustMatchTheTask() {
        assertThat(qatViolations(qat -> qat.getDataBuilder().setDataset("news")))
                .containsExactly(new Violation(
                        "spec.qat.teacher",
                        "is mini-teacher with labels [ham, spam], wanted the data set's labels [a, b, c]"));
        assertThat(qatViolations(qat -> qat.getDataBuilder().setDataset("stsb")))
                .extracting(Violation::message)
                .contains("is mini-teacher, made for CLASSIFICATION, wanted one for REGRESSION like the data set");
        assertThat(qatViolations(qat -> qat.setTeacher("mini-encoder")))
                .containsExactly(new Violation(
                        "spec.qat.teacher", "is mini-encoder, an encoder without a task head; fine-tune it first"));
        assertThat(qatViolations(qat -> qat.setTeacher("mini-student")))
                .extracting(Violation::path)
                .containsExactly("spec.qat.teacher");
    }

    @Test
    void lengthGroupAndScheduleMustFitTheModelAndTheBudget() {
        assertThat(qatViolations(qat -> {
                    qat.getDataBuilder().setMaxLength(513);
                    qat.getQuantBuilder()
                            .setWeightGranularity(QuantSpec.Granularity.GRANULARITY_GROUP)
                            .setWeightGroup(256);
                    qat.getBudgetBuilder().setSteps(60);
                }))
                .containsExactly(
                        new Violation("spec.qat.data.max_length", "is 513, wanted 4 to 512, the model's positions"),
                        new Violation(
                                "spec.qat.quant.weight_group",
                                "is 256, wanted a divisor of the layers' input sizes 384 and 1536"),
                        new Violation(
                                "spec.qat.arms[1].schedule.steps",
                                "is 60, wanted less than the 60 steps of the budget"));
    }

    @Test
    void sequencesOfQuantizedAttentionMustStayExact() {
        List<String> labels = catalog.models.get("mini-teacher").labels();
        catalog.models.put(
                "long-teacher",
                new ModelFacts(ModelKind.FINE_TUNED, TaskKind.CLASSIFICATION, labels, 6, 384, 1536, 12, 4096, false));
        assertThat(qatViolations(qat -> {
                    qat.setTeacher("long-teacher").getDataBuilder().setMaxLength(1041);
                    qat.getQuantBuilder().setAttention(true);
                }))
                .containsExactly(new Violation(
                        "spec.qat.data.max_length",
                        "is 1041, wanted 4 to 1040, where the products of quantized attention are exact"));
        JobSpec.Builder unquantized = SpecFixtures.qat().toBuilder();
        unquantized.getQatBuilder().setTeacher("long-teacher").getDataBuilder().setMaxLength(1041);
        unquantized.getQatBuilder().getQuantBuilder().setAttention(false);
        assertThatCode(() -> SpecMapper.read(unquantized.build(), "my-job", catalog))
                .doesNotThrowAnyException();
    }

    @Test
    void fewerRowsMakeFewerSteps() {
        assertThat(qatViolations(qat -> qat.getDataBuilder().setTrainRows(64)))
                .extracting(Violation::message)
                .containsExactly("is 60, wanted less than the 6 steps of the budget");
    }

    @Test
    void outputModelsMustBeFreeAndHaveValidIds() {
        catalog.models.put("my-job-ti-g-42", catalog.models.get("mini-student"));
        assertThat(qatViolations(qat -> {})).extracting(Violation::path).containsExactly("spec.qat.output_model");
        assertThat(qatViolations(qat -> qat.setOutputModel("x" + "y".repeat(60))))
                .extracting(Violation::path)
                .containsExactly("spec.qat.output_model", "spec.qat.output_model");
    }

    @Test
    void aStudentIsNotFineTuned() {
        JobSpec.Builder spec = SpecFixtures.fineTune().toBuilder();
        spec.getFineTuneBuilder().setModel("mini-student");
        assertThat(violations(spec.build())).extracting(Violation::path).containsExactly("spec.fine_tune.model");
    }

    private List<Violation> qatViolations(Consumer<dev.ternion.api.v1.QatSpec.Builder> change) {
        JobSpec.Builder spec = SpecFixtures.qat().toBuilder();
        change.accept(spec.getQatBuilder());
        return violations(spec.build());
    }

    private List<Violation> violations(JobSpec spec) {
        return catchThrowableOfType(InvalidRequest.class, () -> SpecMapper.read(spec, "my-job", catalog))
                .violations();
    }
}
