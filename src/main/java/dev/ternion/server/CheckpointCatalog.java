package dev.ternion.server;

import dev.ternion.api.CheckpointName;
import dev.ternion.api.v1.Checkpoint;
import dev.ternion.recipe.JobSpec;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Checkpoints of jobs, as the services see them. Port; calls read and write disk, and come from several threads. */
public interface CheckpointCatalog {
    /** Those of a job, which need not be known any more, by rising step. */
    List<Checkpoint> list(String job) throws IOException;

    /** Bytes of the checkpoints of all jobs of this owner. */
    long bytes(String owner) throws IOException;

    /**
     * Pins a checkpoint; on disk when it returns.
     *
     * @return false if it is not there
     */
    boolean pin(CheckpointName name) throws IOException;

    /** Takes the pin away. */
    void unpin(CheckpointName name) throws IOException;

    /** Removes a checkpoint that is not pinned. */
    void delete(CheckpointName name) throws IOException;

    /**
     * Reads all of a checkpoint.
     *
     * @param pulse called every 64 KiB; what it throws ends that
     * @return how it differs from what was written, without paths of this machine; empty when it does not
     */
    Optional<String> damage(CheckpointName name, Runnable pulse) throws IOException;

    /**
     * Copies a checkpoint for a job that is to begin at it, durably, out of sight.
     *
     * @param source spec of the job that made it
     * @param job id of the job that begins at it
     * @param spec of that job
     * @throws Refusal CHECKPOINT_NOT_FOUND; CHECKPOINT_FOREIGN if another version made it
     */
    Staged fork(CheckpointName name, JobSpec source, String job, JobSpec spec) throws IOException;

    /** What a job begins with, until the job is there. */
    interface Staged extends AutoCloseable {
        /**
         * Puts it in its place, just before the job is stored.
         *
         * @throws Refusal CHECKPOINT_PINNED if checkpoints of an earlier job of the same id are pinned
         */
        void publish() throws IOException;

        /** The job is there, or is not to be: what was not published goes. */
        @Override
        void close() throws IOException;
    }

    /** Removes those of a job that are not to stay: all but pinned ones once the job is gone. */
    void tidy(String job);
}
