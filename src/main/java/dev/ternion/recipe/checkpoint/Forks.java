package dev.ternion.recipe.checkpoint;

import dev.ternion.artifact.CheckpointFolder;
import dev.ternion.artifact.CheckpointWriter;
import dev.ternion.recipe.JobSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Checkpoints of one job as the beginning of another. */
public final class Forks {
    private Forks() {}

    /**
     * Copies a checkpoint that is intact, durably; the files of tensors are shared and stay when the other checkpoint goes.
     *
     * @param checkpoint its folder
     * @param spec of the job that made it
     * @param to checkpoints of the job that begins at it
     * @param forked spec of that job; the same trainings in the same order
     * @return why it cannot be used: it was made by another version; empty when it is copied
     */
    public static Optional<String> copy(Path checkpoint, JobSpec spec, CheckpointFolder to, JobSpec forked)
            throws IOException {
        Optional<About> about = About.read(checkpoint);
        if (about.isEmpty()) {
            return Optional.of(About.FILE + " is missing");
        }
        try (CheckpointWriter writer = to.begin(about.get().step(), all -> List.copyOf(all))) {
            SnapshotFiles.fork(checkpoint, spec, about.get(), writer, forked);
            writer.commit();
            return Optional.empty();
        } catch (SnapshotFiles.Foreign e) {
            return Optional.of(e.getMessage());
        }
    }
}
