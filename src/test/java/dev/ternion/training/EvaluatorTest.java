package dev.ternion.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.data.Padding;
import dev.ternion.intervention.Site;
import dev.ternion.quant.QuantSpec;
import dev.ternion.training.metrics.Predictions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Metrics as deployed and with the teacher's signals in place. A regression head shows every bit of the output. */
class EvaluatorTest {
    private TinyTask task;

    @AfterEach
    void close() {
        task.close();
    }

    private Evaluator evaluator(int rows, int batch) {
        return new Evaluator(task.split, rows, batch, task.padding, TinyTask.MAX_LENGTH);
    }

    /** What lies before the replaced site may be anything: the student predicts what the teacher predicts. */
    @ParameterizedTest
    @CsvSource({
        "OUTPUT, '.self.query,.self.key,.self.value,.attention.output.dense'",
        "CONTEXT, '.self.query,.self.key,.self.value'",
        "MAP, '.self.query,.self.key'"
    })
    void intervened_wrongBeforeTheSite_predictsLikeTheTeacher(Site site, String wrong) {
        task = new TinyTask(1, null, 1);
        task.disturb(0.5, wrong.split(","));
        Evaluator evaluator = evaluator(100, 3);
        Predictions teacher = evaluator.deployed(task.teacher, 0);
        assertThat(evaluator.intervened(task.student, task.teacher, site, 0).values())
                .isEqualTo(teacher.values());
        assertThat(evaluator.deployed(task.student, 0).values()).isNotEqualTo(teacher.values());
    }

    @Test
    void intervened_wrongBehindTheSite_isNotRepaired() {
        task = new TinyTask(1, null, 1);
        task.disturb(0.5, ".self.value");
        Evaluator evaluator = evaluator(100, 3);
        assertThat(evaluator.intervened(task.student, task.teacher, Site.MAP, 0).values())
                .isNotEqualTo(evaluator.deployed(task.teacher, 0).values());
    }

    @Test
    void quantizedStudent_isNotTheTeacher() {
        task = new TinyTask(1, QuantSpec.ternary(), 1);
        Evaluator evaluator = evaluator(100, 4);
        float[] teacher = evaluator.deployed(task.teacher, 0).values();
        float[] deployed = evaluator.deployed(task.student, 0).values();
        float[] intervened =
                evaluator.intervened(task.student, task.teacher, Site.OUTPUT, 0).values();
        assertThat(deployed).isNotEqualTo(teacher).isNotEqualTo(intervened);
        assertThat(intervened).isNotEqualTo(teacher);
    }

    @ParameterizedTest
    @EnumSource(Padding.class)
    void deployed_anyBatchSize_sameExamplesInOrder(Padding padding) {
        task = new TinyTask(1, null, 1);
        task.padding = padding;
        Predictions all = evaluator(100, 8).deployed(task.teacher, 0);
        assertThat(all.values()).hasSize(8);
        assertThat(all.labels()).isEqualTo(task.split.labels());
        for (int batch : new int[] {1, 3, 5}) {
            float[] seen = evaluator(100, batch).deployed(task.teacher, 0).values();
            for (int i = 0; i < 8; i++) {
                assertThat(seen[i]).isCloseTo(all.values()[i], org.assertj.core.api.Assertions.within(1e-5f));
            }
        }
        assertThat(evaluator(5, 3).deployed(task.teacher, 0).labels())
                .isEqualTo(java.util.Arrays.copyOf(task.split.labels(), 5));
    }
}
