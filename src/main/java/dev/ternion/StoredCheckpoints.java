package dev.ternion;

import com.google.protobuf.util.Timestamps;
import dev.ternion.api.CheckpointName;
import dev.ternion.api.SpecMapper;
import dev.ternion.api.v1.Checkpoint;
import dev.ternion.artifact.CheckpointFolder;
import dev.ternion.artifact.Manifest;
import dev.ternion.jobs.Job;
import dev.ternion.recipe.CheckpointSpec;
import dev.ternion.recipe.Workspace;
import dev.ternion.recipe.checkpoint.About;
import dev.ternion.server.CheckpointCatalog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Checkpoints as folders of the workspace, one folder for each job. What is told of one is read from its folder each time. */
final class StoredCheckpoints implements CheckpointCatalog {
    private static final Logger LOG = LoggerFactory.getLogger(StoredCheckpoints.class);

    private final Workspace workspace;
    private final Function<String, Optional<Job>> jobs;

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

    /** Of jobs that go on all stay; of those that have ended what their spec says; of others the pinned ones. */
    @Override
    public void tidy(String id) {
        Path path = path(id);
        try {
            Optional<Job> job = jobs.apply(id);
            boolean begun = job.map(known -> known.runs().newest() > 0).orElse(false);
            if (job.isPresent() && !job.get().state().isFinal() && begun || !Files.isDirectory(path)) {
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

    /** {@link #tidy} for all jobs, when a server starts. */
    void tidyAll() throws IOException {
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
                    .setCreateTime(Timestamps.fromMillis(
                            Files.getLastModifiedTime(manifest).toMillis()))
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
