package dev.ternion;

import com.google.protobuf.util.Timestamps;
import dev.ternion.api.CheckpointName;
import dev.ternion.api.SpecMapper;
import dev.ternion.api.v1.Checkpoint;
import dev.ternion.artifact.CheckpointFolder;
import dev.ternion.artifact.Durability;
import dev.ternion.artifact.Manifest;
import dev.ternion.jobs.Job;
import dev.ternion.recipe.CheckpointSpec;
import dev.ternion.recipe.JobSpec;
import dev.ternion.recipe.Workspace;
import dev.ternion.recipe.checkpoint.About;
import dev.ternion.recipe.checkpoint.Forks;
import dev.ternion.recipe.checkpoint.Sources;
import dev.ternion.server.CheckpointCatalog;
import dev.ternion.server.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Checkpoints as folders of the workspace, one folder for each job. What is told of one is read from its folder each time. */
final class StoredCheckpoints implements CheckpointCatalog {
    private static final Logger LOG = LoggerFactory.getLogger(StoredCheckpoints.class);

    private final Workspace workspace;
    private final Function<String, Optional<Job>> jobs;
    /** Jobs that are about to be stored, whose first checkpoint is there. */
    private final Set<String> beginning = new HashSet<>();

    /** @param jobs finds a job by its id */
    StoredCheckpoints(Workspace workspace, Function<String, Optional<Job>> jobs) {
        this.workspace = workspace;
        this.jobs = jobs;
    }

    @Override
    public List<Checkpoint> list(String job) throws IOException {
        CheckpointFolder folder = folder(job);
        List<Checkpoint> found = new ArrayList<>();
        for (long step : folder.steps()) {
            describe(folder, new CheckpointName(job, step)).ifPresent(found::add);
        }
        return found;
    }

    /** Of jobs that are gone nobody is the owner. */
    @Override
    public long bytes(String owner) throws IOException {
        long bytes = 0;
        for (String job : Folders.ids(workspace.checkpoints())) {
            if (jobs.apply(job)
                    .filter(known -> known.origin().owner().equals(owner))
                    .isPresent()) {
                CheckpointFolder folder = folder(job);
                for (long step : folder.steps()) {
                    bytes += Folders.sizeIfThere(folder.at(step));
                }
            }
        }
        return bytes;
    }

    /** When the newest one of a job was made; empty while there is none. */
    Optional<Instant> newest(String job) throws IOException {
        CheckpointFolder folder = folder(job);
        List<Long> steps = folder.steps();
        for (int i = steps.size() - 1; i >= 0; i--) {
            try {
                return Optional.of(made(folder.at(steps.get(i))));
            } catch (NoSuchFileException e) {
                LOG.debug("checkpoint {} went meanwhile", steps.get(i), e);
            }
        }
        return Optional.empty();
    }

    private static Instant made(Path checkpoint) throws IOException {
        return Files.getLastModifiedTime(checkpoint.resolve(Manifest.NAME)).toInstant();
    }

    @Override
    public boolean pin(CheckpointName name) throws IOException {
        return folder(name.job()).pin(name.step());
    }

    @Override
    public void unpin(CheckpointName name) throws IOException {
        folder(name.job()).unpin(name.step());
    }

    @Override
    public void delete(CheckpointName name) throws IOException {
        folder(name.job()).remove(name.step());
    }

    @Override
    public Optional<String> damage(CheckpointName name, Runnable pulse) throws IOException {
        CheckpointFolder folder = folder(name.job());
        try {
            return folder.damage(name.step(), pulse);
        } catch (NoSuchFileException e) {
            return Optional.of("a file is missing");
        } catch (IOException e) {
            String inside = folder.at(name.step()) + "/";
            return Optional.of(workspace.relative(e.getMessage().replace(inside, "")));
        }
    }

    @Override
    public Staged fork(CheckpointName name, JobSpec source, String job, JobSpec spec) throws IOException {
        Path hidden = workspace.checkpoints().resolve("." + job + "." + UUID.randomUUID() + ".forking");
        Optional<String> foreign;
        try {
            foreign = Forks.copy(folder(name.job()).at(name.step()), source, new CheckpointFolder(hidden), spec);
        } catch (NoSuchFileException e) {
            Folders.remove(hidden);
            throw Refusal.checkpointNotFound(name.toString());
        } catch (IOException | RuntimeException e) {
            Folders.remove(hidden);
            throw e;
        }
        if (foreign.isPresent()) {
            Folders.remove(hidden);
            throw Refusal.precondition(
                    "CHECKPOINT_FOREIGN",
                    name.toString(),
                    "checkpoint " + name.step() + " of job " + name.job()
                            + " was made by another version of Ternion, which kept other things: " + foreign.get());
        }
        return new StagedFolder(hidden, job);
    }

    /** A copy under a hidden name. */
    private final class StagedFolder implements Staged {
        private final Path hidden;
        private final String job;

        private StagedFolder(Path hidden, String job) {
            this.hidden = hidden;
            this.job = job;
        }

        @Override
        public void publish() throws IOException {
            synchronized (StoredCheckpoints.this) {
                tidy(job);
                if (Files.exists(path(job))) {
                    throw Refusal.precondition(
                            "CHECKPOINT_PINNED",
                            CheckpointName.PATTERN.replace("{job}", job),
                            "checkpoints of an earlier job " + job + " are there; choose another id, or unpin them");
                }
                Files.move(hidden, path(job), StandardCopyOption.ATOMIC_MOVE);
                Durability.syncNames(workspace.checkpoints());
                beginning.add(job);
            }
        }

        @Override
        public void close() throws IOException {
            synchronized (StoredCheckpoints.this) {
                beginning.remove(job);
            }
            Folders.remove(hidden);
        }
    }

    /**
     * Of jobs that go on, or would if their model and data set were as they were, all stay; of those that have ended what their spec says; of others the pinned ones. What an earlier job of the
     * same id has left goes too, when the new one has not begun.
     */
    @Override
    public synchronized void tidy(String id) {
        Path path = path(id);
        try {
            Optional<Job> job = jobs.apply(id);
            boolean begun = job.map(known -> known.runs().newest() > 0).orElse(false);
            if (!Files.isDirectory(path) || beginning.contains(id) || job.isPresent() && needsAll(job.get(), begun)) {
                return;
            }
            boolean newest = begun && policy(job.get()).keepAfterEnd();
            CheckpointFolder folder = new CheckpointFolder(path);
            folder.clear(all -> all.subList(0, Math.min(newest ? 1 : 0, all.size())));
            if (folder.steps().isEmpty()) {
                Folders.delete(path);
            }
        } catch (IOException e) {
            LOG.warn("checkpoints {} are not needed any more and could not be removed", path, e);
        }
    }

    private static boolean needsAll(Job job, boolean begun) {
        boolean goesOn =
                !job.state().isFinal() && (begun || !policy(job).beginAt().isEmpty());
        return goesOn || job.error() != null && job.error().reason().equals(Sources.CHANGED);
    }

    /** {@link #tidy} for all jobs, and the end of what was interrupted: when a server starts. */
    void tidyAll() throws IOException {
        for (Path hidden : Folders.hidden(workspace.checkpoints())) {
            Folders.remove(hidden);
        }
        for (String id : Folders.ids(workspace.checkpoints())) {
            tidy(id);
        }
    }

    private static CheckpointSpec policy(Job job) {
        return SpecMapper.decode(job.spec().bytes()).checkpoints();
    }

    private CheckpointFolder folder(String job) {
        return new CheckpointFolder(path(job));
    }

    private Path path(String job) {
        return workspace.checkpoints().resolve(job);
    }

    /** Empty if it went meanwhile; with less in it if its files cannot be read. */
    private static Optional<Checkpoint> describe(CheckpointFolder folder, CheckpointName name) throws IOException {
        Path checkpoint = folder.at(name.step());
        Checkpoint.Builder proto = Checkpoint.newBuilder()
                .setName(name.toString())
                .setJobStep(name.step())
                .setPinned(folder.isPinned(name.step()));
        try {
            Path manifest = checkpoint.resolve(Manifest.NAME);
            proto.setSizeBytes(Folders.size(checkpoint))
                    .setCreateTime(Timestamps.fromMillis(made(checkpoint).toEpochMilli()))
                    .setSha256(sha256(Files.readAllBytes(manifest)));
            Manifest.read(checkpoint)
                    .files()
                    .forEach((file, entry) -> proto.addFilesBuilder()
                            .setName(file)
                            .setSize(entry.size())
                            .setSha256(entry.sha256()));
            About.read(checkpoint).ifPresent(about -> tell(about, proto));
        } catch (IOException | java.io.UncheckedIOException e) {
            if (!Files.isDirectory(checkpoint)) {
                return Optional.empty();
            }
            LOG.warn("checkpoint {} is damaged", checkpoint, e);
        }
        return Optional.of(proto.build());
    }

    private static void tell(About about, Checkpoint.Builder proto) {
        proto.setOrigin(Checkpoint.Origin.valueOf("ORIGIN_" + about.origin().name()))
                .setSeed(about.seed())
                .setStep(about.step())
                .setBest(about.best());
        about.arms()
                .forEach(arm -> proto.addTrainingsBuilder()
                        .setArm(arm.name())
                        .setEvaluatedStep(arm.evaluated())
                        .putAllMetrics(arm.metrics()));
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
