package dev.ternion;

import dev.ternion.api.SpecMapper;
import dev.ternion.artifact.CheckpointFolder;
import dev.ternion.artifact.Digests;
import dev.ternion.artifact.Manifest;
import dev.ternion.jobs.Job;
import dev.ternion.objects.FolderDamage;
import dev.ternion.objects.FolderIndex;
import dev.ternion.objects.FolderObjects;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies of checkpoints in the bucket, made after the fact by a thread of this: of each job the newest one that is not there yet; those
 * before it are passed over. The training knows nothing of it.
 */
final class CheckpointCopies implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CheckpointCopies.class);

    /** The last one of a job, and the one before it should the last be damaged. */
    private static final int NEEDED = 2;

    private static final Pattern NAME = Pattern.compile("[^/]+/step-[0-9]{12}");
    private static final long TURN_MS = 1000;
    private static final long LAST_TURN_SECONDS = 10;

    private final FolderObjects objects;
    private final Path checkpoints;
    private final Path links;
    private final Function<String, Optional<Job>> jobs;
    /** By job and step, what is in the bucket. */
    private final SortedMap<String, SortedMap<Long, Copy>> sent = new TreeMap<>();
    /** Whether the last turn has failed, and was told of. */
    private boolean behind;

    /**
     * A checkpoint in the bucket.
     *
     * @param manifest SHA-256 of its manifest
     * @param file the manifest of the folder that has it, when it was read last; null before
     */
    private record Copy(String manifest, Stamp file) {}

    /** By which a file is known without being read: each checkpoint has one that was written anew. */
    private record Stamp(Object key, FileTime time) {
        static Stamp of(Path file) throws IOException {
            BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
            return new Stamp(now.fileKey(), now.lastModifiedTime());
        }
    }

    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "ternion-checkpoints");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * Fetches what jobs need that are to go on, or that keep their newest one, where the folder has none as new. Nothing is sent before
     * {@link #start}.
     *
     * @param checkpoints one folder for each job, with one for each checkpoint
     * @param links folder for this alone, in the same file system
     * @param jobs finds a job by its id
     */
    CheckpointCopies(FolderObjects objects, Path checkpoints, Path links, Function<String, Optional<Job>> jobs)
            throws IOException {
        this.objects = objects;
        this.checkpoints = checkpoints;
        this.links = links;
        this.jobs = jobs;
        FolderObjects.Found found = objects.begin();
        for (String id : found.damaged()) {
            objects.remove(id);
        }
        for (Map.Entry<String, FolderIndex> copy : found.whole().entrySet()) {
            begin(copy.getKey(), copy.getValue());
        }
    }

    private void begin(String id, FolderIndex copy) throws IOException {
        if (!NAME.matcher(id).matches() || !copy.files().containsKey(Manifest.NAME)) {
            LOG.warn("checkpoints/{} in the object store is no checkpoint, and left alone", id);
            return;
        }
        String job = id.substring(0, id.indexOf('/'));
        Path folder = checkpoints.resolve(id);
        long step = CheckpointFolder.step(folder);
        boolean needed = jobs.apply(job).map(CheckpointCopies::goesOnOrKeeps).orElse(false);
        try {
            if (needed && newest(job) < step) {
                LOG.info("checkpoint {} is fetched from the object store", id);
                objects.fetch(id, copy, folder);
            }
            sent.computeIfAbsent(job, key -> new TreeMap<>())
                    .put(step, new Copy(copy.files().get(Manifest.NAME).sha256(), null));
        } catch (FolderDamage e) {
            LOG.error("DATA_LOSS: checkpoint {} is not used: {}", id, e.getMessage());
            objects.remove(id);
        }
    }

    private static boolean goesOnOrKeeps(Job job) {
        return !job.state().isFinal()
                || SpecMapper.decode(job.spec().bytes()).checkpoints().keepAfterEnd();
    }

    /** Step of the newest one that is in the folder and was not fetched; -1 for none. */
    private long newest(String job) throws IOException {
        List<Long> steps = new CheckpointFolder(checkpoints.resolve(job)).steps();
        steps.removeAll(sent.getOrDefault(job, Collections.emptySortedMap()).keySet());
        return steps.isEmpty() ? -1 : steps.get(steps.size() - 1);
    }

    /** Begins to send. */
    void start() {
        executor.scheduleWithFixedDelay(this::turn, TURN_MS, TURN_MS, TimeUnit.MILLISECONDS);
    }

    /**
     * Sends what is new and removes what is not needed. What fails is done by the next turn.
     *
     * @return whether nothing has failed
     */
    boolean turn() {
        boolean done = true;
        try {
            TreeSet<String> all = new TreeSet<>(Folders.ids(checkpoints));
            all.addAll(sent.keySet());
            for (String job : all) {
                done &= follows(job);
            }
        } catch (IOException e) {
            LOG.warn("checkpoints cannot be listed", e);
            done = false;
        }
        behind = !done;
        return done;
    }

    private boolean follows(String job) {
        try {
            follow(job);
            return true;
        } catch (IOException | RuntimeException e) {
            if (!behind) {
                LOG.warn("checkpoints of job {} are not in the object store yet", job, e);
            }
            return false;
        }
    }

    private void follow(String job) throws IOException {
        List<Long> local = new CheckpointFolder(checkpoints.resolve(job)).steps();
        SortedMap<Long, Copy> copies = sent.computeIfAbsent(job, key -> new TreeMap<>());
        if (!local.isEmpty()) {
            send(job, local.get(local.size() - 1), copies);
        }
        for (long step : List.copyOf(copies.keySet())) {
            if (!local.contains(step) && !isNeeded(job, copies.tailMap(step).size())) {
                objects.remove(id(job, step));
                copies.remove(step);
            }
        }
        if (copies.isEmpty()) {
            sent.remove(job);
        }
    }

    /** Also one that the folder has lost. */
    private boolean isNeeded(String job, int place) {
        return place <= NEEDED
                && jobs.apply(job)
                        .map(known -> !known.state().isFinal() && known.runs().newest() > 0)
                        .orElse(false);
    }

    /** Of links, which stay when the checkpoint goes meanwhile. */
    private void send(String job, long step, SortedMap<Long, Copy> copies) throws IOException {
        Path checkpoint = new CheckpointFolder(checkpoints.resolve(job)).at(step);
        Path manifest = checkpoint.resolve(Manifest.NAME);
        Copy copy = copies.get(step);
        Stamp stamp;
        try {
            stamp = Stamp.of(manifest);
            if (copy != null && stamp.equals(copy.file())) {
                return;
            }
            if (copy != null && Digests.sha256(manifest).equals(copy.manifest())) {
                copies.put(step, new Copy(copy.manifest(), stamp));
                return;
            }
            Folders.remove(links);
            Files.createDirectories(links);
            try (Stream<Path> files = Files.list(checkpoint)) {
                for (Path file : files.toList()) {
                    Files.createLink(links.resolve(file.getFileName()), file);
                }
            }
        } catch (NoSuchFileException e) {
            return; // a newer one is there
        }
        FolderIndex index = objects.send(id(job, step), links);
        copies.put(step, new Copy(index.files().get(Manifest.NAME).sha256(), stamp));
        Folders.remove(links);
    }

    private String id(String job, long step) {
        return job + "/"
                + new CheckpointFolder(checkpoints.resolve(job)).at(step).getFileName();
    }

    /** Sends once more, within a bound: jobs were handed over. */
    @Override
    public void close() {
        executor.execute(this::turn);
        executor.shutdown();
        try {
            if (!executor.awaitTermination(LAST_TURN_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("the last checkpoints may not be in the object store");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        executor.shutdownNow();
    }
}
