package dev.ternion.recipe.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ternion.artifact.CheckpointFolder;
import dev.ternion.artifact.CheckpointWriter;
import dev.ternion.artifact.InMemory;
import dev.ternion.artifact.Manifest;
import dev.ternion.data.Padding;
import dev.ternion.recipe.Budget;
import dev.ternion.recipe.CheckpointSpec;
import dev.ternion.recipe.DataSpec;
import dev.ternion.recipe.JobFailure;
import dev.ternion.recipe.finetune.FineTuneSpec;
import dev.ternion.training.OptimizerSpec;
import dev.ternion.training.OptimizerState;
import dev.ternion.training.TrainingState;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When checkpoints are due and which stay: by the policy of the job, and by pins. */
class FolderCheckpointsTest {
    @TempDir(factory = InMemory.class)
    Path root;

    private long nanos;
    private Sources sources = new Sources(Map.of());

    static FineTuneSpec spec(CheckpointSpec policy) {
        return new FineTuneSpec(
                "encoder",
                new DataSpec("tiny", 10, Padding.MASKED, 0, 0),
                null,
                new Budget(8, 0, 100, 0),
                OptimizerSpec.bertAdam(1e-3),
                0.1,
                5,
                "tuned",
                "cpu",
                0,
                policy);
    }

    private static CheckpointSpec policy(int everySteps, int keepLast, boolean keepBest) {
        return new CheckpointSpec(everySteps, 60, keepLast, keepBest, false, "");
    }

    private FolderCheckpoints checkpoints(CheckpointSpec policy) {
        return new FolderCheckpoints(root.resolve("job"), policy, sources, () -> nanos);
    }

    private List<Long> steps() throws Exception {
        return new CheckpointFolder(root.resolve("job")).steps();
    }

    /** After a step; with the metric of an evaluation at that step, or NaN for none. */
    private static History save(Checkpoints to, CheckpointSpec policy, History before, int step, double metric) {
        History history =
                Double.isNaN(metric) ? before : before.evaluated(step, Map.of("ACCURACY", metric), "ACCURACY", 1);
        TrainingState state = new TrainingState(step, Map.of(), new OptimizerState(step, Map.of(), Map.of()));
        Origin origin = Double.isNaN(metric) ? Origin.PERIODIC : Origin.EVALUATION;
        to.save(
                spec(policy),
                new Moment(step, 5, List.of(""), origin),
                new Snapshot(List.of(), List.of(new Snapshot.Running(state, history, new float[0]))));
        return history;
    }

    @Test
    void dueByStepsAndBySeconds_neverTwiceForAStep() throws Exception {
        CheckpointSpec policy = policy(4, 2, false);
        FolderCheckpoints checkpoints = checkpoints(policy);
        assertThat(checkpoints.due(0)).isFalse();
        assertThat(checkpoints.due(3)).isFalse();
        assertThat(checkpoints.due(4)).isTrue();
        save(checkpoints, policy, History.EMPTY, 4, Double.NaN);
        assertThat(checkpoints.due(4)).isFalse();
        nanos = 59_999_999_999L;
        assertThat(checkpoints.due(5)).isFalse();
        nanos = 60_000_000_000L;
        assertThat(checkpoints.due(5)).isTrue();

        FolderCheckpoints next = checkpoints(policy);
        assertThat(next.newest(spec(policy))).isPresent();
        assertThat(next.due(4)).as("taken up there").isFalse();
        assertThat(next.due(8)).isTrue();
    }

    @Test
    void theUsualPolicyIsAMinuteAndTheLastTwo() throws Exception {
        FolderCheckpoints checkpoints = checkpoints(CheckpointSpec.USUAL);
        assertThat(checkpoints.due(1_000_000)).isFalse();
        for (int step = 1; step <= 5; step++) {
            save(checkpoints, CheckpointSpec.USUAL, History.EMPTY, step, Double.NaN);
        }
        assertThat(steps()).containsExactly(4L, 5L);
    }

    @Test
    void theLastOnesStay_andTheBest_andPinnedOnesBesides() throws Exception {
        CheckpointSpec policy = policy(1, 3, true);
        FolderCheckpoints checkpoints = checkpoints(policy);
        double[] metrics = {0.5, Double.NaN, 0.9, Double.NaN, 0.7, Double.NaN, Double.NaN, 0.8};
        History history = History.EMPTY;
        for (int step = 1; step <= metrics.length; step++) {
            history = save(checkpoints, policy, history, step, metrics[step - 1]);
            if (step == 2) {
                assertThat(new CheckpointFolder(root.resolve("job")).pin(2)).isTrue();
            }
        }
        assertThat(steps()).containsExactly(2L, 3L, 6L, 7L, 8L);
        About best = About.read(new CheckpointFolder(root.resolve("job")).at(3)).orElseThrow();
        assertThat(best)
                .isEqualTo(new About(
                        Origin.EVALUATION, 5, 3, true, List.of(new About.Arm("", 3, Map.of("ACCURACY", 0.9)))));
        About last = About.read(new CheckpointFolder(root.resolve("job")).at(8)).orElseThrow();
        assertThat(last.best()).isFalse();

        save(checkpoints, policy, history, 9, 0.95);
        assertThat(steps()).as("a better one is the best now").containsExactly(2L, 7L, 8L, 9L);
    }

    @Test
    void thePolicyIsNotPartOfTheSpecThatACheckpointIsOf() throws Exception {
        save(checkpoints(CheckpointSpec.USUAL), CheckpointSpec.USUAL, History.EMPTY, 1, Double.NaN);
        CheckpointSpec other = policy(7, 9, true);
        assertThat(checkpoints(other).newest(spec(other))).isPresent();
        assertThat(spec(other).identity())
                .isEqualTo(spec(CheckpointSpec.USUAL).identity())
                .endsWith("device=cpu, deviceMemoryMib=0]")
                .doesNotContain("heckpoint");
    }

    @Test
    void onTheSameModelAndDataSetAlone() throws Exception {
        sources = new Sources(Map.of("models/encoder", "a1", "datasets/tiny", "b1"));
        save(checkpoints(CheckpointSpec.USUAL), CheckpointSpec.USUAL, History.EMPTY, 3, Double.NaN);
        assertThat(newest()).isPresent();

        sources = new Sources(Map.of("models/encoder", "a2", "datasets/tiny", "b1"));
        assertThatThrownBy(this::newest)
                .isInstanceOf(JobFailure.class)
                .hasMessageContainingAll("models/encoder is not", "checkpoint 3", "fork", "submit the job again")
                .hasMessageNotContaining("datasets/tiny")
                .extracting(e -> ((JobFailure) e).details())
                .isEqualTo(Map.of("models/encoder", "a1 then, a2 now"));
        sources = new Sources(Map.of("models/encoder", "a1", "datasets/tiny", "b2"));
        assertThatThrownBy(this::newest)
                .extracting(e -> ((JobFailure) e).reason())
                .isEqualTo("SOURCES_CHANGED");
        assertThat(steps()).containsExactly(3L);

        sources = new Sources(Map.of("datasets/tiny", "b1"));
        assertThat(newest()).as("its manifest cannot be read").isPresent();
    }

    @Test
    void checkpointsOfVersionsWithoutSourcesAreTakenUp() throws Exception {
        save(checkpoints(CheckpointSpec.USUAL), CheckpointSpec.USUAL, History.EMPTY, 3, Double.NaN);
        CheckpointFolder folder = new CheckpointFolder(root.resolve("job"));
        try (CheckpointWriter old = folder.begin(4, all -> all)) {
            for (var file : Manifest.read(folder.at(3)).files().entrySet()) {
                if (!file.getKey().equals("sources.json")) {
                    old.link(file.getKey(), folder.at(3).resolve(file.getKey()), file.getValue());
                }
            }
            old.commit();
        }
        assertThat(folder.at(4).resolve("sources.json")).doesNotExist();
        sources = new Sources(Map.of("models/encoder", "a2"));
        assertThat(newest()).isPresent();
    }

    private Optional<Snapshot> newest() throws Exception {
        return checkpoints(CheckpointSpec.USUAL).newest(spec(CheckpointSpec.USUAL));
    }

    @Test
    void aJobThatBeginsAtACheckpointDoesNotBeginWithoutIt() {
        CheckpointSpec fork = CheckpointSpec.USUAL.beginningAt("projects/default/jobs/source/checkpoints/4");
        assertThatThrownBy(() -> checkpoints(fork).newest(spec(fork)))
                .isInstanceOf(JobFailure.class)
                .hasMessageContainingAll("jobs/source/checkpoints/4", "submit the job again")
                .extracting(e -> ((JobFailure) e).reason())
                .isEqualTo("DATA_LOSS");
    }
}
