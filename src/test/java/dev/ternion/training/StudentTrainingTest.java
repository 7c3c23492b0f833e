package dev.ternion.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ternion.intervention.Schedule;
import dev.ternion.intervention.Site;
import dev.ternion.model.bert.BertModel;
import dev.ternion.quant.QuantSpec;
import dev.ternion.tensor.Compare;
import dev.ternion.tensor.Parameter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The two-step pipeline on a tiny BERT: counters, frozen parameters, same bytes, divergence. Ref: [TI] 2.4, 4.3 */
class StudentTrainingTest {
    private static final OptimizerSpec FAST = OptimizerSpec.bertAdam(1e-3);
    private static final Predicate<String> VALUE = name -> name.contains(".attention.self.value.");
    private static final Predicate<String> DENSE = name -> name.contains(".attention.output.dense.");

    /** Values of the parameters that a predicate chooses. */
    private static List<double[]> some(TinyTask task, Predicate<String> which) {
        List<double[]> values = new ArrayList<>();
        task.weights().forEach((name, w) -> {
            if (which.test(name)) {
                values.add(w);
            }
        });
        assertThat(values).hasSize(2 * TinyTask.LAYERS);
        return values;
    }

    private static void unchanged(List<double[]> seen, List<double[]> before) {
        for (int i = 0; i < seen.size(); i++) {
            Compare.sameBytes("parameter " + i, seen.get(i), before.get(i));
        }
    }

    private static void allMoved(List<double[]> seen, List<double[]> before) {
        for (int i = 0; i < seen.size(); i++) {
            assertThat(seen.get(i)).isNotEqualTo(before.get(i));
        }
    }

    private static void counters(StudentTraining training, int value, int dense, int others) {
        for (Parameter p : training.student().parameters().all()) {
            int wanted = VALUE.test(p.name()) ? value : DENSE.test(p.name()) ? dense : others;
            assertThat(training.optimizer().updates(p.name())).as(p.name()).isEqualTo(wanted);
        }
    }

    @Test
    void gradual_sixtySteps_countsEveryTensorForItself() {
        try (TinyTask task = new TinyTask(1, QuantSpec.ternary());
                StudentTraining training = task.training(Schedule.gradual(60), FAST, 64, 0, 1)) {
            List<double[]> value = some(task, VALUE), dense = some(task, DENSE);
            List<Site> sites = new ArrayList<>();
            for (int step = 0; step < 60; step++) {
                sites.add(task.step(training, step).site());
                if (step == 9) {
                    unchanged(some(task, DENSE), dense);
                    counters(training, 0, 0, 10);
                }
                if (step == 19) {
                    unchanged(some(task, VALUE), value);
                    allMoved(some(task, DENSE), dense);
                }
            }
            allMoved(some(task, VALUE), value);
            counters(training, 40, 50, 60);
            assertThat(sites.subList(0, 10)).containsOnly(Site.OUTPUT);
            assertThat(sites.subList(10, 20)).containsOnly(Site.CONTEXT);
            assertThat(sites.subList(20, 60)).containsOnly(Site.MAP);
            assertThat(training.nextSite()).isNull();
        }
    }

    /** Step 2 knows nothing of step 1 but the weights: a plain training from the same weights makes the same bytes. */
    @Test
    void phaseChange_startsAFreshOptimizer() {
        try (TinyTask task = new TinyTask(1, QuantSpec.ternary());
                BertModel other = new BertModel(task.device, task.student.config(), QuantSpec.ternary());
                StudentTraining training = task.training(Schedule.gradual(6), FAST, 10, 0, 1)) {
            for (int step = 0; step < 6; step++) {
                task.step(training, step);
            }
            other.parameters().copyFrom(task.student.parameters());
            Map<String, double[]> boundary = task.weights();
            TinyTask.Step first = task.step(training, 6);
            assertThat(first.site()).isNull();
            assertThat(first.learningRate()).isZero();
            TinyTask.same(task.weights(), boundary);
            counters(training, 1, 1, 1);
            try (StudentTraining plain = task.training(other, null, LossWeights.tiRelease(), FAST, 4, 0, 1)) {
                assertThat(task.step(plain, 6).losses()).isEqualTo(first.losses());
                for (int step = 7; step < 10; step++) {
                    TinyTask.Step a = task.step(training, step), b = task.step(plain, step);
                    assertThat(a).isEqualTo(b);
                }
            }
            assertThat(task.weights()).isNotEqualTo(boundary);
            TinyTask.same(task.weights(), task.weights(other));
        }
    }

    @Test
    void inverted_unusedParametersFreeze() {
        Schedule schedule = new Schedule(Schedule.Kind.INVERTED, 12, null, Schedule.INVERTED_FRACTIONS);
        try (TinyTask task = new TinyTask(1, QuantSpec.ternary());
                StudentTraining training = task.training(schedule, FAST, 14, 0, 1)) {
            List<double[]> value = some(task, VALUE), dense = some(task, DENSE);
            for (int step = 0; step < 4; step++) {
                assertThat(task.step(training, step).site()).isEqualTo(Site.MAP);
            }
            allMoved(some(task, VALUE), value);
            value = some(task, VALUE);
            for (int step = 4; step < 8; step++) {
                assertThat(task.step(training, step).site()).isEqualTo(Site.CONTEXT);
            }
            unchanged(some(task, VALUE), value);
            allMoved(some(task, DENSE), dense);
            dense = some(task, DENSE);
            for (int step = 8; step < 12; step++) {
                assertThat(task.step(training, step).site()).isEqualTo(Site.OUTPUT);
            }
            unchanged(some(task, VALUE), value);
            unchanged(some(task, DENSE), dense);
            counters(training, 4, 8, 12);
        }
    }

    @Test
    void stochastic_countersFollowTheDraws() {
        Schedule schedule = new Schedule(Schedule.Kind.STOCHASTIC, 12, null, List.of());
        try (TinyTask task = new TinyTask(1, QuantSpec.ternary());
                StudentTraining training = task.training(schedule, FAST, 14, 0, 3)) {
            List<Site> sites = new ArrayList<>();
            for (int step = 0; step < 12; step++) {
                sites.add(task.step(training, step).site());
            }
            int map = (int) sites.stream().filter(s -> s == Site.MAP).count();
            int context = (int) sites.stream().filter(s -> s == Site.CONTEXT).count();
            assertThat(sites).contains(Site.MAP, Site.CONTEXT, Site.OUTPUT);
            counters(training, map, map + context, 12);
        }
    }

    private static Map<String, double[]> eightSteps(int threads, double dropout, long seed) {
        try (TinyTask task = new TinyTask(threads, QuantSpec.ternary());
                StudentTraining training = task.training(Schedule.gradual(6), FAST, 8, dropout, seed)) {
            for (int step = 0; step < 8; step++) {
                task.step(training, step);
            }
            return task.weights();
        }
    }

    @Test
    void sameSeed_sameBytes_whateverTheThreads() {
        Map<String, double[]> first = eightSteps(1, 0.1, 1);
        TinyTask.same(eightSteps(1, 0.1, 1), first);
        TinyTask.same(eightSteps(2, 0.1, 1), first);
        String word = "embeddings.word_embeddings.weight";
        assertThat(eightSteps(1, 0.1, 2).get(word)).as("another seed").isNotEqualTo(first.get(word));
        assertThat(eightSteps(1, 0, 1).get(word)).as("no dropout").isNotEqualTo(first.get(word));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void thirtySteps_onEightSentences_lowerTheLosses(boolean intervention) {
        try (TinyTask task = new TinyTask(1, QuantSpec.ternary())) {
            task.batchSize = TinyTask.LENGTHS.length;
            int before = intervention ? 12 : 0;
            Schedule schedule = intervention ? Schedule.gradual(before) : null;
            OptimizerSpec optimizer = OptimizerSpec.bertAdam(5e-3);
            try (StudentTraining training = task.training(schedule, optimizer, before + 30, 0, 1)) {
                for (int step = 0; step < before; step++) {
                    task.step(training, step);
                }
                Map<String, Double> first = task.step(training, 0).losses();
                for (int step = 1; step < 29; step++) {
                    task.step(training, step);
                }
                Map<String, Double> last = task.step(training, 29).losses();
                assertThat(last.get("total")).isLessThan(0.8 * first.get("total"));
                // After an intervention phase the representation has little left to fall.
                List<String> falling =
                        intervention ? List.of("scores", "output") : List.of("representation", "scores", "output");
                for (String part : falling) {
                    assertThat(last.get(part)).as(part).isLessThan(first.get(part));
                }
            }
        }
    }

    @Test
    void nonFiniteLoss_namesStepAndPart_andUpdatesNothing() {
        try (TinyTask task = new TinyTask(1, QuantSpec.ternary());
                StudentTraining training = task.training(null, FAST, 10, 0.1, 1)) {
            for (int step = 0; step < 3; step++) {
                task.step(training, step);
            }
            double[] good = task.get(task.student, "classifier.bias");
            double[] bad = good.clone();
            bad[1] = Double.NaN;
            TinyTask.set(task.student, "classifier.bias", bad);
            Map<String, double[]> before = task.weights();
            NonFiniteLoss caught = catchThrowableOfType(NonFiniteLoss.class, () -> task.step(training, 3));
            assertThat(caught.step()).isEqualTo(3);
            assertThat(caught.part()).isEqualTo("prediction");
            assertThat(caught).hasMessageContainingAll("\"prediction\"", "NaN", "step 3", "learning rate");
            TinyTask.same(task.weights(), before);
            Map<String, ByteBuffer> moments = moments(training);
            TinyTask.set(task.student, "classifier.bias", good);
            before = task.weights();
            assertThat(task.step(training, 4).losses()).containsKey("prediction");
            TinyTask.same(task.weights(), before);
            assertThat(moments(training).equals(moments))
                    .as("the first loss that is not finite ends a training")
                    .isTrue();
        }
    }

    private static Map<String, ByteBuffer> moments(StudentTraining training) {
        return StateCopy.read(training.state().optimizer().moments());
    }

    /** Quantizers must not hide a NaN behind a code. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "embeddings.word_embeddings.weight",
                "embeddings.LayerNorm.bias",
                "encoder.layer.0.attention.self.query.weight",
                "encoder.layer.0.attention.self.key.weight",
                "encoder.layer.1.attention.self.value.weight",
                "encoder.layer.1.attention.self.value.bias",
                "encoder.layer.0.attention.output.dense.weight",
                "encoder.layer.0.attention.output.LayerNorm.weight",
                "encoder.layer.1.intermediate.dense.weight",
                "encoder.layer.1.intermediate.dense.bias",
                "encoder.layer.0.output.dense.weight",
                "pooler.dense.weight",
                "classifier.weight"
            })
    void nan_inAnyParameter_isNoticed(String name) {
        try (TinyTask task = new TinyTask(1, QuantSpec.ternary());
                StudentTraining training = task.training(null, FAST, 10, 0, 1)) {
            double[] values = task.get(task.student, name);
            // a word that the batch has
            int place = name.contains("word") ? task.batch(0).ids()[1] * 32 + 5 : values.length / 2;
            values[place] = Double.NaN;
            TinyTask.set(task.student, name, values);
            Map<String, double[]> before = task.weights();
            assertThatThrownBy(() -> task.step(training, 0)).isInstanceOf(NonFiniteLoss.class);
            TinyTask.same(task.weights(), before);
        }
    }
}
