package dev.ternion.recipe.checkpoint;

import dev.ternion.recipe.JobFailure;
import dev.ternion.recipe.JobSpec;
import java.io.IOException;
import java.util.Optional;

/** The checkpoints of one job. Making one changes no number of the job. */
public interface Checkpoints {
    /**
     * Where an earlier run of the same spec stopped; empty when the job starts from the beginning. Its tensors can be read
     * until the next {@link #save}.
     *
     * @throws JobFailure DATA_LOSS when there are checkpoints and none is intact, or the one at which the job begins is gone;
     *     SOURCES_CHANGED when model or data set are not those it was made with
     */
    Optional<Snapshot> newest(JobSpec spec) throws JobFailure, IOException;

    /**
     * Whether it is time for one; asked between steps.
     *
     * @param step steps done in the training under way
     */
    boolean due(int step);

    /**
     * Makes a checkpoint. When that fails, the one before stays and the job goes on.
     *
     * @param moment where the job is; a checkpoint of the same step is replaced
     * @return whether it was made
     */
    boolean save(JobSpec spec, Moment moment, Snapshot snapshot);

    /** For a job that runs in one go. */
    static Checkpoints none() {
        return new Checkpoints() {
            @Override
            public Optional<Snapshot> newest(JobSpec spec) {
                return Optional.empty();
            }

            @Override
            public boolean due(int step) {
                return false;
            }

            @Override
            public boolean save(JobSpec spec, Moment moment, Snapshot snapshot) {
                return false;
            }
        };
    }
}
