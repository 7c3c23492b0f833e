package dev.ternion.server;

import dev.ternion.api.CheckpointName;
import dev.ternion.api.v1.Checkpoint;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Checkpoints of jobs, as the services see them. Port; calls read and write disk, and come from several threads. */
public interface CheckpointCatalog {
    /** Those of a job, which need not be known any more, by rising step. */
    List<Checkpoint> list(String job) throws IOException;

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

    /** Removes those of a job that are not to stay: all but pinned ones once the job is gone. */
    void tidy(String job);
}
