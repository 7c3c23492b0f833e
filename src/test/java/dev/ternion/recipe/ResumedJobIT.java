package dev.ternion.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.artifact.InMemory;
import dev.ternion.conformance.Draws;
import dev.ternion.data.Padding;
import dev.ternion.intervention.Schedule;
import dev.ternion.quant.QuantSpec;
import dev.ternion.quant.QuantSpec.WeightRule;
import dev.ternion.recipe.checkpoint.Origin;
import dev.ternion.recipe.finetune.FineTuneSpec;
import dev.ternion.recipe.qat.QatSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A job that is stopped at any point and taken up ends in the bytes, and the report, of one that was not. */
class ResumedJobIT {
    private static final int STEPS = 9;
    private static final int INTERVENTION = 4;
    private static final int POINTS = 20;

    @TempDir(factory = InMemory.class)
    static Path folder;

    private static TinyWorkspace tiny;

    @BeforeAll
    static void teach() throws Exception {
        tiny = new TinyWorkspace(folder).filled().taught("teacher");
    }

    static Stream<Arguments> jobs() {
        return Stream.of(
                Arguments.of("ternary", qat(WeightRule.TERNARY)),
                Arguments.of("binary", qat(WeightRule.BINARY)),
                Arguments.of("fine-tuning", fineTune()));
    }

    /** Three steps in an epoch; evaluations after steps 3, 4 (where the intervention ends), 6 and 9; two seeds. */
    static QatSpec qat(WeightRule rule) {
        return TinyWorkspace.qat(
                "student",
                STEPS,
                List.of(3L, 4L),
                QuantSpec.ternary().withWeights(rule),
                Padding.MASKED,
                TinyWorkspace.control(),
                TinyWorkspace.intervention(Schedule.gradual(INTERVENTION)));
    }

    static FineTuneSpec fineTune() {
        FineTuneSpec spec = TinyWorkspace.fineTune("encoder", "tuned", 14);
        return new FineTuneSpec(
                spec.model(),
                spec.data(),
                spec.pooling(),
                new Budget(8, 0, 14, 4),
                spec.optimizer(),
                spec.dropout(),
                spec.seed(),
                spec.outputModel(),
                spec.device(),
                0);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("jobs")
    void aCheckpointAfterEveryStepChangesNothing(String name, JobSpec spec) throws Exception {
        ResumedJob job = new ResumedJob(tiny, spec, folder.resolve("checkpoints/every-" + name));
        ResumedJob.Outcome wanted = job.whole();
        List<Object> said = List.copyOf(job.said);
        assertThat(job.finish(ResumedJob.ALWAYS)).isEqualTo(wanted);
        assertThat(job.said).isEqualTo(said);
    }

    /** Asked for between steps, and while one is made for another reason. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("jobs")
    void checkpointsOnRequestChangeNothing_andTheNewestStays(String name, JobSpec spec) throws Exception {
        ResumedJob job = new ResumedJob(tiny, spec, folder.resolve("checkpoints/asked-" + name));
        ResumedJob.Outcome wanted = job.whole();
        List<Object> said = List.copyOf(job.said);
        List<ResumedJob.Outcome> seen = new ArrayList<>();
        List<OptionalLong> answers = job.asked(seen);
        assertThat(seen).containsExactly(wanted);
        assertThat(job.said).isEqualTo(said);
        assertThat(answers).hasSizeGreaterThan(2).doesNotContain(OptionalLong.empty());
        assertThat(answers.stream().map(OptionalLong::getAsLong)).isSorted().doesNotHaveDuplicates();
        assertThat(job.origins()).contains(Origin.MANUAL);
    }

    /**
     * Points are counted in what the job says, so that they lie within steps, between arms, and within evaluations; those of
     * the phase change are among them. Half of the jobs are stopped a second time.
     */
    @ParameterizedTest(name = "{0}")
    @MethodSource("jobs")
    void stoppedAnywhere_endsInTheSameBytesAndReport(String name, JobSpec spec) throws Exception {
        ResumedJob job = new ResumedJob(tiny, spec, folder.resolve("checkpoints/" + name));
        ResumedJob.Outcome wanted = job.whole();
        List<Object> said = List.copyOf(job.said);
        List<Integer> points = points(said);
        int skipped = 0;
        for (int i = 0; i < points.size(); i++) {
            ResumedJob.Stop how = ResumedJob.Stop.values()[i % 2];
            String what = name + " " + how + " at " + points.get(i) + " of " + said.size();
            job.forget();
            assertThat(job.stop(how, points.get(i), ResumedJob.SOMETIMES))
                    .as(what)
                    .isTrue();
            List<Object> before = List.copyOf(job.said);
            assertThat(before).as(what).isEqualTo(said.subList(0, before.size()));
            if (i % 4 < 2) {
                job.stop(how, new Draws(31, i).below(8), ResumedJob.SOMETIMES);
                before = follow(what, how, before, job.said, said);
            }
            ResumedJob.Outcome seen = job.finish(ResumedJob.SOMETIMES);
            follow(what, how, before, job.said, said);
            skipped += said.size() - job.said.size();
            assertThat(seen.files()).as(what).isEqualTo(wanted.files());
            assertThat(seen.report()).as(what).isEqualTo(wanted.report());
        }
        assertThat(skipped).as("what the last runs need not do again").isGreaterThan(POINTS * said.size() / 4);
    }

    /** Chosen by a seed, and: the last step of the intervention, its evaluation between the arms, the first step after it. */
    private static List<Integer> points(List<Object> said) {
        List<Integer> points = new ArrayList<>();
        for (int i = 0; i < said.size(); i++) {
            boolean phaseChange =
                    said.get(i) instanceof JobListener.Evaluation e && e.step() == INTERVENTION && e.seed() != 4;
            if (phaseChange) {
                points.addAll(List.of(i, i, i + 1, i + 1));
            }
        }
        assertThat(points.size()).isBetween(4, 8);
        Draws draws = new Draws(30, said.size());
        while (points.size() < POINTS) {
            points.add(draws.below(said.size()));
        }
        return points;
    }

    /**
     * What is said from the checkpoint on is what the uninterrupted job says there; drained, nothing is done twice.
     *
     * @return all that has been said without repetitions
     */
    private static List<Object> follow(
            String what, ResumedJob.Stop how, List<Object> before, List<Object> more, List<Object> said) {
        if (more.isEmpty()) {
            return before;
        }
        int from = said.indexOf(more.get(0));
        assertThat(more).as(what).isEqualTo(said.subList(from, from + more.size()));
        assertThat(from).as(what).isLessThanOrEqualTo(before.size());
        if (how == ResumedJob.Stop.DRAINED) {
            assertThat(from).as(what).isEqualTo(before.size());
        }
        return said.subList(0, Math.max(before.size(), from + more.size()));
    }
}
