package dev.ternion.recipe.checkpoint;

import dev.ternion.artifact.CheckpointFolder;
import dev.ternion.artifact.CheckpointWriter;
import dev.ternion.recipe.JobFailure;
import dev.ternion.recipe.JobSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Checkpoints in a folder that the job has for itself; due every minute. */
public final class FolderCheckpoints implements Checkpoints {
    /** Seconds of work that a killed process may lose, evaluations apart. */
    private static final long INTERVAL_SECONDS = 60;

    private static final Logger LOG = LoggerFactory.getLogger(FolderCheckpoints.class);

    private final Path path;
    private final CheckpointFolder folder;
    private final LongSupplier nanos;
    private long last;

    /**
     * @param path of the folder, which need not be there
     * @param nanos monotonic clock that tells when a checkpoint is due
     */
    public FolderCheckpoints(Path path, LongSupplier nanos) {
        this.path = path;
        this.folder = new CheckpointFolder(path);
        this.nanos = nanos;
        last = nanos.getAsLong();
    }

    @Override
    public Optional<Snapshot> newest(JobSpec spec) throws JobFailure, IOException {
        CheckpointFolder.Found found = look();
        found.damaged().forEach(problem -> LOG.warn("DATA_LOSS: checkpoint is not used: {}", problem));
        if (found.intact().isEmpty()) {
            if (!found.damaged().isEmpty()) {
                throw lost(String.join("; ", found.damaged()), null);
            }
            return Optional.empty();
        }
        Path checkpoint = found.intact().get();
        try {
            Snapshot snapshot = SnapshotFiles.read(checkpoint, spec);
            LOG.info("going on from checkpoint {}", checkpoint.getFileName());
            return Optional.of(snapshot);
        } catch (SnapshotFiles.Foreign e) {
            LOG.warn("starting from the beginning, checkpoint {} is of no use", checkpoint, e);
            folder.clear();
            return Optional.empty();
        }
    }

    private CheckpointFolder.Found look() throws JobFailure {
        try {
            return folder.newest();
        } catch (IOException e) {
            throw lost(path + ": " + e.getMessage(), e);
        }
    }

    private JobFailure lost(String problems, IOException cause) {
        return new JobFailure(
                "DATA_LOSS",
                "no checkpoint of this job can be used (" + problems
                        + "): check the disk, then submit the job again, it starts from the beginning",
                Map.of("folder", path.getFileName().toString()),
                cause);
    }

    @Override
    public boolean due() {
        return nanos.getAsLong() - last >= INTERVAL_SECONDS * 1_000_000_000L;
    }

    @Override
    public void save(JobSpec spec, long step, Snapshot snapshot) {
        try (CheckpointWriter writer = folder.begin(step)) {
            SnapshotFiles.write(writer, spec, snapshot);
            writer.commit();
        } catch (IOException e) {
            LOG.warn("checkpoint of step {} could not be made, the job goes on", step, e);
        }
        last = nanos.getAsLong();
    }
}
