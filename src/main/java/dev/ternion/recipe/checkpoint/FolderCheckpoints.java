package dev.ternion.recipe.checkpoint;

import dev.ternion.artifact.CheckpointFolder;
import dev.ternion.artifact.CheckpointWriter;
import dev.ternion.recipe.CheckpointSpec;
import dev.ternion.recipe.JobFailure;
import dev.ternion.recipe.JobSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Checkpoints in a folder that the job has for itself, made and kept as its spec says. */
public final class FolderCheckpoints implements Checkpoints {
    private static final Logger LOG = LoggerFactory.getLogger(FolderCheckpoints.class);

    private final Path path;
    private final CheckpointFolder folder;
    private final CheckpointSpec policy;
    private final Sources sources;
    private final LongSupplier nanos;
    private long last;
    private int lastStep;

    /**
     * @param path of the folder, which need not be there
     * @param policy of the job
     * @param sources of the job, as they are now
     * @param nanos monotonic clock that tells when a checkpoint is due
     */
    public FolderCheckpoints(Path path, CheckpointSpec policy, Sources sources, LongSupplier nanos) {
        this.path = path;
        this.folder = new CheckpointFolder(path);
        this.policy = policy;
        this.sources = sources;
        this.nanos = nanos;
        last = nanos.getAsLong();
    }

    @Override
    public Optional<Snapshot> newest(JobSpec spec) throws JobFailure, IOException {
        Candidate candidate = new Candidate(spec);
        CheckpointFolder.Found found = look(candidate);
        found.damaged().forEach(problem -> LOG.warn("DATA_LOSS: checkpoint is not used: {}", problem));
        if (found.intact().isPresent()) {
            requireSources(found.intact().get());
            LOG.info("going on from checkpoint {}", found.intact().get().getFileName());
            lastStep = candidate.snapshot.running().get(0).state().step();
            return Optional.of(candidate.snapshot);
        }
        if (!policy.beginAt().isEmpty()) {
            throw lost(
                    "there is none of " + policy.beginAt() + ", at which it begins",
                    String.join("; ", found.damaged()),
                    null);
        }
        if (candidate.foreign) {
            folder.clear(all -> List.of());
        } else if (!found.damaged().isEmpty()) {
            throw lost("none is intact", String.join("; ", found.damaged()), null);
        }
        return Optional.empty();
    }

    private CheckpointFolder.Found look(Candidate candidate) throws JobFailure, IOException {
        try {
            return folder.newest(candidate::isUsable);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } catch (IOException e) {
            throw lost("they cannot be read", path + ": " + e.getMessage(), e);
        }
    }

    /** What is read of an intact checkpoint. */
    private static final class Candidate {
        private final JobSpec spec;
        private Snapshot snapshot;
        private boolean foreign;

        private Candidate(JobSpec spec) {
            this.spec = spec;
        }

        private boolean isUsable(Path checkpoint) {
            try {
                snapshot = SnapshotFiles.read(checkpoint, spec);
                return true;
            } catch (SnapshotFiles.Foreign e) {
                LOG.warn(
                        "checkpoint {} is of no use; starting from the beginning, if there is no other", checkpoint, e);
                foreign = true;
                return false;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void requireSources(Path checkpoint) throws JobFailure, IOException {
        SortedMap<String, String> changes = Sources.read(checkpoint).changes(sources);
        if (!changes.isEmpty()) {
            throw new JobFailure(
                    Sources.CHANGED,
                    String.join(", ", changes.keySet())
                            + " is not what it was when checkpoint " + CheckpointFolder.step(checkpoint)
                            + " of this job was made: bring it back as it was and fork the job at that checkpoint, which stays; or submit the job again, it starts from the beginning",
                    changes);
        }
    }

    private JobFailure lost(String why, String problems, IOException cause) {
        return new JobFailure(
                "DATA_LOSS",
                "no checkpoint of this job can be used: " + why + (problems.isEmpty() ? "" : " (" + problems + ")")
                        + ": check the disk, then submit the job again, it starts from the beginning",
                Map.of("folder", path.getFileName().toString()),
                cause);
    }

    @Override
    public boolean due(int step) {
        boolean late = nanos.getAsLong() - last >= policy.everySeconds() * 1_000_000_000L;
        boolean counted = policy.everySteps() > 0 && step > 0 && step % policy.everySteps() == 0;
        return late || counted && step != lastStep;
    }

    @Override
    public boolean save(JobSpec spec, Moment moment, Snapshot snapshot) {
        boolean made = false;
        try (CheckpointWriter writer = folder.begin(moment.jobStep(), this::kept)) {
            SnapshotFiles.write(writer, spec, sources, moment, snapshot);
            writer.commit();
            made = true;
        } catch (IOException e) {
            LOG.warn("checkpoint of step {} could not be made, the job goes on", moment.jobStep(), e);
        }
        last = nanos.getAsLong();
        lastStep = snapshot.running().get(0).state().step();
        return made;
    }

    private Collection<Path> kept(List<Path> newestFirst) throws IOException {
        List<Path> kept = new ArrayList<>(newestFirst.subList(0, Math.min(policy.keepLast(), newestFirst.size())));
        if (policy.keepBest()) {
            newest(newestFirst, About::best).ifPresent(kept::add);
        }
        newest(newestFirst, about -> about.origin() == Origin.MANUAL).ifPresent(kept::add);
        return kept;
    }

    private static Optional<Path> newest(List<Path> newestFirst, Predicate<About> wanted) throws IOException {
        for (Path checkpoint : newestFirst) {
            if (About.read(checkpoint).filter(wanted).isPresent()) {
                return Optional.of(checkpoint);
            }
        }
        return Optional.empty();
    }
}
