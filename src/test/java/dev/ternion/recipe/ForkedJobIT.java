package dev.ternion.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.artifact.CheckpointFolder;
import dev.ternion.artifact.InMemory;
import dev.ternion.data.Padding;
import dev.ternion.intervention.Schedule;
import dev.ternion.quant.QuantSpec;
import dev.ternion.recipe.checkpoint.Forks;
import dev.ternion.recipe.finetune.FineTuneSpec;
import dev.ternion.recipe.qat.ArmSpec;
import dev.ternion.recipe.qat.QatSpec;
import dev.ternion.training.OptimizerSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A job that begins at a checkpoint of another ends, its spec unchanged, in the bytes of that one; changed, it goes its own way from there. */
class ForkedJobIT {
    private static final int STEPS = 9;
    private static final CheckpointSpec EVERY = new CheckpointSpec(1, 60, 16, false, false, "");

    @TempDir(factory = InMemory.class)
    Path folder;

    private TinyWorkspace tiny;

    @BeforeEach
    void teach() throws Exception {
        tiny = new TinyWorkspace(folder).filled().taught("teacher");
    }

    private static QatSpec qat(String output, int steps, double rate, List<Long> seeds, CheckpointSpec checkpoints) {
        ArmSpec control = TinyWorkspace.control(rate);
        ArmSpec taught = TinyWorkspace.intervention(Schedule.gradual(4));
        QatSpec spec = TinyWorkspace.qat(output, steps, seeds, QuantSpec.ternary(), Padding.MASKED, control, taught);
        return new QatSpec(
                spec.teacher(),
                spec.data(),
                spec.quant(),
                spec.budget(),
                spec.arms(),
                spec.seeds(),
                spec.dropout(),
                output,
                spec.device(),
                spec.precision(),
                0,
                checkpoints);
    }

    private static FineTuneSpec fineTune(String output, CheckpointSpec checkpoints) {
        OptimizerSpec optimizer = new OptimizerSpec(OptimizerSpec.Kind.ADAMW, 3e-3, 0.1, 0.01, 1, 1);
        return new FineTuneSpec(
                "encoder",
                TinyWorkspace.data("tiny", Padding.MASKED),
                null,
                new Budget(8, 0, 7, 2),
                optimizer,
                0.1,
                5,
                output,
                "cpu",
                0,
                checkpoints);
    }

    private static CheckpointSpec fork(long step) {
        return EVERY.beginningAt("projects/default/jobs/source/checkpoints/" + step);
    }

    private CheckpointFolder source() {
        return new CheckpointFolder(folder.resolve("checkpoints/source"));
    }

    /** Forks at a checkpoint, deletes that one, and runs the fork. */
    private ResumedJob.Outcome forked(long step, JobSpec source, JobSpec spec) throws Exception {
        Path copy = folder.resolve("checkpoints/fork-" + step);
        ResumedJob.delete(copy);
        assertThat(Forks.copy(source().at(step), source, new CheckpointFolder(copy), spec))
                .isEmpty();
        source().remove(step);
        ResumedJob job = new ResumedJob(tiny, spec, copy);
        ResumedJob.Outcome outcome = job.finish(ResumedJob.NEVER);
        assertThat(job.said.stream()
                        .filter(JobListener.StepProgress.class::isInstance)
                        .map(said -> ((JobListener.StepProgress) said).step()))
                .as("steps after the checkpoint alone")
                .allMatch(said -> said > step);
        return outcome;
    }

    /** The digests of the models by file, under a name that does not hold the job's. */
    private static Map<String, String> files(ResumedJob.Outcome outcome, String prefix) {
        Map<String, String> files = new TreeMap<>();
        outcome.files().forEach((name, digest) -> files.put(name.replaceFirst("^" + prefix, ""), digest));
        return files;
    }

    /** From the intervention, its last step, the first after it, and the end. */
    @Test
    void unchangedItEndsInTheSameBytes() throws Exception {
        JobSpec source = qat("original", STEPS, 1e-3, List.of(3L), EVERY);
        ResumedJob.Outcome wanted =
                new ResumedJob(tiny, source, folder.resolve("checkpoints/source")).finish(ResumedJob.NEVER);
        assertThat(source().steps()).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
        for (long step : new long[] {1, 4, 5, 9}) {
            ResumedJob.Outcome seen = forked(step, source, qat("copy", STEPS, 1e-3, List.of(3L), fork(step)));
            assertThat(files(seen, "copy")).as("from step %d", step).isEqualTo(files(wanted, "original"));
            assertThat(seen.report().contrasts()).isEqualTo(wanted.report().contrasts());
        }
    }

    @Test
    void aFineTuningToo() throws Exception {
        JobSpec source = fineTune("original", EVERY);
        ResumedJob.Outcome wanted =
                new ResumedJob(tiny, source, folder.resolve("checkpoints/source")).finish(ResumedJob.NEVER);
        ResumedJob.Outcome seen = forked(3, source, fineTune("copy", fork(3)));
        assertThat(files(seen, "copy")).isEqualTo(files(wanted, "original"));
    }

    /** Of a job with two seeds: a fork trains that of its checkpoint, with the steps of that training. */
    @Test
    void itTrainsTheSeedOfTheCheckpointAlone() throws Exception {
        JobSpec source = qat("original", STEPS, 1e-3, List.of(3L, 4L), EVERY);
        ResumedJob.Outcome wanted =
                new ResumedJob(tiny, source, folder.resolve("checkpoints/source")).finish(ResumedJob.NEVER);
        JobSpec spec = qat("copy", STEPS, 1e-3, List.of(4L), fork(STEPS + 5));
        Path copy = folder.resolve("checkpoints/fork");
        assertThat(Forks.copy(source().at(STEPS + 5), source, new CheckpointFolder(copy), spec))
                .isEmpty();
        assertThat(new CheckpointFolder(copy).steps()).containsExactly(5L);
        ResumedJob.Outcome seen = new ResumedJob(tiny, spec, copy).finish(ResumedJob.NEVER);
        Map<String, String> ofSeed = files(wanted, "original");
        ofSeed.keySet().removeIf(name -> !name.contains("-4/"));
        assertThat(ofSeed).isNotEmpty();
        assertThat(files(seen, "copy")).isEqualTo(ofSeed);
    }

    @Test
    void changedItGoesItsOwnWay_alwaysTheSameOne() throws Exception {
        JobSpec source = qat("original", STEPS, 1e-3, List.of(3L), EVERY);
        ResumedJob.Outcome original =
                new ResumedJob(tiny, source, folder.resolve("checkpoints/source")).finish(ResumedJob.NEVER);
        assertThat(source().pin(5)).isTrue();
        JobSpec longer = qat("longer", STEPS + 3, 5e-4, List.of(3L), fork(5));
        ResumedJob.Outcome seen = forked(5, source, longer);
        assertThat(files(seen, "longer").keySet())
                .isEqualTo(files(original, "original").keySet());
        assertThat(files(seen, "longer")).isNotEqualTo(files(original, "original"));
        assertThat(seen.report().runs()).allMatch(run -> run.steps() == STEPS + 3);
        assertThat(forked(5, source, longer)).isEqualTo(seen);
    }
}
