package dev.ternion;

import dev.ternion.artifact.AtomicFile;
import dev.ternion.artifact.Digests;
import dev.ternion.artifact.FileOperations;
import dev.ternion.cli.ServeOptions.BucketAddress;
import dev.ternion.jobs.Job;
import dev.ternion.objects.FolderObjects;
import dev.ternion.objects.ObjectStore;
import dev.ternion.recipe.Workspace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a server keeps in its bucket of models, data sets and checkpoints. A bucket belongs to one database of jobs, which an object {@code owner/ID}
 * names, and a data folder to one bucket, which the file {@code bucket/address} names: with others, what is missing there would be taken
 * for deleted.
 */
record LocalBucket(DurableCopies models, DurableCopies datasets, Optional<CheckpointCopies> checkpoints) {
    /** All stays in the data folder alone. */
    static final LocalBucket NONE = new LocalBucket(DurableCopies.NONE, DurableCopies.NONE, Optional.empty());

    private static final String FOLDER = "bucket";
    private static final String OWNER = "owner/";

    /**
     * Makes folder and bucket agree; may send and fetch all of it.
     *
     * @param store the bucket, if one is named
     * @param id of the database of jobs
     * @param jobs finds a job by its id
     * @param fence throws unless the database is still this server's
     * @throws IOException saying what to do, if they do not belong together or the bucket cannot be used
     */
    static LocalBucket open(
            Path dataFolder,
            Optional<BucketAddress> bucket,
            ObjectStore store,
            String id,
            Function<String, Optional<Job>> jobs,
            Runnable fence)
            throws IOException {
        Path own = dataFolder.resolve(FOLDER);
        Path file = own.resolve("address");
        Optional<String> known = read(file);
        Optional<String> wanted = bucket.map(BucketAddress::address).map(address -> address.replaceFirst("/+$", ""));
        if (known.isPresent() && !known.equals(wanted)) {
            throw new IOException("models and data sets of " + dataFolder + " are kept in " + known.get()
                    + "; name it with --objects, or remove " + own + " to go on without it");
        }
        if (wanted.isEmpty()) {
            return NONE;
        }
        requireOwn(wanted.get(), store, own, id, known.isPresent());
        Files.createDirectories(own);
        AtomicFile.write(FileOperations.REAL, file, (wanted.get() + "\n").getBytes(StandardCharsets.UTF_8));
        Workspace workspace = new Workspace(dataFolder);
        return new LocalBucket(
                copies(store, "models", workspace.models(), own, fence),
                copies(store, "datasets", workspace.datasets(), own, fence),
                Optional.of(new CheckpointCopies(
                        objects(store, "checkpoints", own),
                        workspace.checkpoints(),
                        own.resolve("work").resolve("links"),
                        jobs)));
    }

    private static Optional<String> read(Path file) throws IOException {
        try {
            return Optional.of(Files.readString(file).strip());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private static void requireOwn(String address, ObjectStore store, Path own, String id, boolean known)
            throws IOException {
        List<String> owners = store.list(OWNER);
        if (owners.isEmpty() && known) {
            throw new IOException(address + " does not hold what it was given; if it was emptied, remove " + own
                    + ", and all is sent to it again");
        }
        if (owners.isEmpty()) {
            Files.createDirectories(own);
            Path file = Files.write(own.resolve("owner"), id.getBytes(StandardCharsets.UTF_8));
            store.put(OWNER + id, file, Digests.sha256(file));
        } else if (!owners.equals(List.of(OWNER + id))) {
            throw new IOException(address + " belongs to other jobs than this server's (" + owners + ", not " + OWNER
                    + id + "); choose a prefix of its own with --objects, or see OPERATIONS.md");
        }
    }

    private static DurableCopies copies(ObjectStore store, String kind, Path folders, Path own, Runnable fence)
            throws IOException {
        return new BucketCopies(objects(store, kind, own), folders, own.resolve(kind), fence);
    }

    private static FolderObjects objects(ObjectStore store, String kind, Path own) throws IOException {
        return new FolderObjects(store, kind, own.resolve("work").resolve(kind));
    }
}
