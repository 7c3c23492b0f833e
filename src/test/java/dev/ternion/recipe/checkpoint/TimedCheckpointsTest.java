package dev.ternion.recipe.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.recipe.CheckpointSpec;
import dev.ternion.recipe.JobListener;
import dev.ternion.recipe.JobSpec;
import dev.ternion.training.OptimizerState;
import dev.ternion.training.TrainingState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every checkpoint is told with its time, made or not. */
class TimedCheckpointsTest {
    @TempDir
    Path root;

    private final List<String> heard = new ArrayList<>();
    private long nanos;

    private final class Listener implements JobListener {
        @Override
        public void phase(Phase phase, String arm, long seed, String message) {
            throw new AssertionError();
        }

        @Override
        public void step(StepProgress progress) {
            throw new AssertionError();
        }

        @Override
        public void evaluation(Evaluation evaluation) {
            throw new AssertionError();
        }

        @Override
        public void checkpoint(Moment moment, boolean made, double seconds) {
            heard.add(moment.jobStep() + " " + moment.origin() + " " + made + " " + seconds);
        }
    }

    private boolean save(Path folder, Origin origin) {
        JobSpec spec = FolderCheckpointsTest.spec(CheckpointSpec.USUAL);
        // It asks its clock at its beginning, and once for each checkpoint.
        Checkpoints inFolder =
                new FolderCheckpoints(folder, CheckpointSpec.USUAL, new Sources(Map.of()), () -> nanos += 500_000_000);
        TrainingState state = new TrainingState(3, Map.of(), new OptimizerState(3, Map.of(), Map.of()));
        return new TimedCheckpoints(inFolder, new Listener(), () -> nanos)
                .save(
                        spec,
                        new Moment(3, 5, List.of(""), origin),
                        new Snapshot(List.of(), List.of(new Snapshot.Running(state, History.EMPTY, new float[0]))));
    }

    @Test
    void madeOrNot() throws Exception {
        assertThat(save(root.resolve("job"), Origin.MANUAL)).isTrue();
        Path file = Files.createFile(root.resolve("file"));
        assertThat(save(file, Origin.PERIODIC)).isFalse();
        assertThat(heard).containsExactly("3 MANUAL true 0.5", "3 PERIODIC false 0.5");
    }
}
