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
     * @throws JobFailure DATA_LOSS when there are checkpoints and none is intact
     */
    Optional<Snapshot> newest(JobSpec spec) throws JobFailure, IOException;

    /** Whether it is time for one; asked between steps. */
    boolean due();

    /**
     * Makes a checkpoint. When that fails, the one before stays and the job goes on.
     *
     * @param step of the whole job, rising; one of the same step is replaced
     */
    void save(JobSpec spec, long step, Snapshot snapshot);

    /** For a job that runs in one go. */
    static Checkpoints none() {
        return new Checkpoints() {
            @Override
            public Optional<Snapshot> newest(JobSpec spec) {
                return Optional.empty();
            }

            @Override
            public boolean due() {
                return false;
            }

            @Override
            public void save(JobSpec spec, long step, Snapshot snapshot) {
                // nothing is kept
            }
        };
    }
}
