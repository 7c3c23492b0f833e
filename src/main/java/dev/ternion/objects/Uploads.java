package dev.ternion.objects;

import dev.ternion.artifact.Digests;
import dev.ternion.artifact.FileOperations;
import dev.ternion.objects.UploadException.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Uploads of a server: files that come in pieces, over as many connections as it takes, and become objects when they are whole. What
 * was said to be committed outlives any kill and power cut. Bytes go to a folder of this machine first, so one server takes all of an
 * upload. Safe for threads; calls may wait for the disk.
 */
public final class Uploads {
    private static final Logger LOG = LoggerFactory.getLogger(Uploads.class);
    /** Uploads that are finalized at a time: each keeps a thread busy for as long as its bytes take. */
    static final int MOST_FINISHING = 2;

    private final Path folder;
    private final ObjectStore store;
    private final UploadLimits limits;
    private final Clock clock;
    private final FileOperations files;
    private final Map<String, UploadFile> all = new ConcurrentHashMap<>();
    private final Set<String> finishing = ConcurrentHashMap.newKeySet();
    private final Semaphore finishers = new Semaphore(MOST_FINISHING);

    /**
     * Takes up what is there and removes what is of no use.
     *
     * @param folder of bytes that are not in the store yet; made if missing
     * @param store of finalized uploads
     */
    public Uploads(Path folder, ObjectStore store, UploadLimits limits, Clock clock) throws IOException {
        this(folder, store, limits, clock, FileOperations.REAL);
    }

    Uploads(Path folder, ObjectStore store, UploadLimits limits, Clock clock, FileOperations files) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.store = store;
        this.limits = limits;
        this.clock = clock;
        this.files = files;
        recover();
    }

    static UploadException notFound(String id) {
        return new UploadException(
                Problem.UPLOAD_NOT_FOUND, id, "upload " + id + " does not exist, or has expired; create it again");
    }

    /** One that is there. */
    public Upload get(String id) {
        return find(id).upload();
    }

    /**
     * Begins an upload. One of the same id and size is answered as it stands, so that a repeated call makes no second.
     *
     * @param id of the upload
     * @param size bytes it will have
     * @param owner id of the caller who begins it
     * @param mostOfOwner bytes that uploads of this owner may have together
     */
    public synchronized Upload create(String id, long size, String owner, long mostOfOwner) throws IOException {
        removeExpired();
        UploadFile there = all.get(id);
        if (there != null) {
            if (there.upload().size() != size) {
                throw new UploadException(
                        Problem.UPLOAD_EXISTS,
                        id,
                        "upload " + id + " exists and has " + there.upload().size()
                                + " bytes; choose another id or delete it");
            }
            return there.upload();
        }
        requireRoom(id, size);
        requireQuota(id, size, owner, mostOfOwner);
        UploadFile made = file(new Upload(id, size, 0, "", clock.instant().plus(limits.life()), owner));
        try {
            made.create();
        } catch (IOException e) {
            discard(made);
            throw e;
        }
        all.put(id, made);
        return made.upload();
    }

    /** The same for nobody in particular. */
    public Upload create(String id, long size) throws IOException {
        return create(id, size, "", Long.MAX_VALUE);
    }

    /** Makes all that was written durable; how much that is. */
    public Upload commit(String id) throws IOException {
        return findFree(id).commit();
    }

    /** Begins to write; an earlier write that still goes on is refused from now on. */
    public Writing write(String id) throws IOException {
        UploadFile file = findFree(id);
        return new Writing(file, file.begin());
    }

    /**
     * Makes an object of an upload whose bytes are all there; again with the same digest, the same answer.
     *
     * @param sha256 of all bytes, lower-case hex
     */
    public Upload finish(String id, String sha256) throws IOException {
        if (!Digests.isSha256(sha256)) {
            throw new UploadException(
                    Problem.UPLOAD_INVALID, id, "sha256 is \"" + sha256 + "\", wanted 64 digits of lower-case hex");
        }
        UploadFile file = find(id);
        if (!finishing.add(id)) {
            throw busy(id);
        }
        try {
            return finish(file, sha256);
        } finally {
            finishing.remove(id);
        }
    }

    private Upload finish(UploadFile file, String sha256) throws IOException {
        if (!finishers.tryAcquire()) {
            throw busy(file.upload().id());
        }
        try {
            return file.finish(sha256);
        } finally {
            finishers.release();
        }
    }

    /** The bytes of a finalized upload from an offset on. */
    public InputStream open(String id, long offset) throws IOException {
        try {
            return store.open(find(id).object(), offset);
        } catch (NoSuchFileException e) {
            throw notFound(id); // deleted meanwhile
        }
    }

    /** Removes an upload. */
    public void delete(String id) throws IOException {
        UploadFile file = findFree(id);
        file.delete();
        all.remove(id, file);
    }

    /** Removes what nobody has gone on with for its life. */
    public void removeExpired() throws IOException {
        Instant now = clock.instant();
        for (UploadFile file : all.values()) {
            if (file.upload().expires().isBefore(now)
                    && !finishing.contains(file.upload().id())) {
                LOG.info("upload {} has expired", file.upload().id());
                file.delete();
                all.remove(file.upload().id(), file);
            }
        }
    }

    /** A write that goes on. One thread at a time; {@link #end} it, whatever happens. */
    public static final class Writing {
        private final UploadFile file;
        private final int writer;

        private Writing(UploadFile file, int writer) {
            this.file = file;
            this.writer = writer;
        }

        /** Takes bytes; those that are there already are passed over. */
        public void write(long at, ByteBuffer data) throws IOException {
            file.write(writer, at, data);
        }

        /** Commits what came. */
        public Upload end() throws IOException {
            return file.end(writer);
        }
    }

    private UploadFile find(String id) {
        UploadFile file = all.get(id);
        if (file == null) {
            throw notFound(id);
        }
        return file;
    }

    /** One that no call keeps busy: nobody waits for a file of some GiB to be read. */
    private UploadFile findFree(String id) {
        UploadFile file = find(id);
        if (finishing.contains(id)) {
            throw busy(id);
        }
        return file;
    }

    private static UploadException busy(String id) {
        return new UploadException(
                Problem.UPLOAD_BUSY, id, "upload " + id + " or others are being finalized; try again");
    }

    private UploadFile file(Upload upload) {
        return new UploadFile(folder, upload, files, store, clock, limits.life());
    }

    private void requireRoom(String id, long size) {
        if (size < 0) {
            throw new UploadException(Problem.UPLOAD_INVALID, id, "size_bytes is " + size + ", wanted 0 or more");
        }
        if (size > limits.bytesEach()) {
            throw new UploadException(
                    Problem.UPLOAD_TOO_LARGE,
                    id,
                    "size_bytes is " + size + ", wanted at most " + limits.bytesEach(),
                    Map.of("limit", String.valueOf(limits.bytesEach())));
        }
        long taken =
                all.values().stream().mapToLong(file -> file.upload().size()).sum();
        if (all.size() >= limits.uploads() || taken + size > limits.bytes()) {
            throw new UploadException(
                    Problem.UPLOAD_LIMIT,
                    id,
                    "the server holds " + all.size() + " uploads of " + taken + " bytes, and takes " + limits.uploads()
                            + " of " + limits.bytes() + "; delete one, or wait until it expires",
                    Map.of("uploads", String.valueOf(all.size()), "bytes", String.valueOf(taken)));
        }
    }

    private void requireQuota(String id, long size, String owner, long most) {
        long taken = all.values().stream()
                .map(UploadFile::upload)
                .filter(upload -> upload.owner().equals(owner))
                .mapToLong(Upload::size)
                .sum();
        if (size > most - taken) {
            throw new UploadException(
                    Problem.UPLOAD_QUOTA,
                    id,
                    "uploads of " + owner + " have " + taken + " bytes and may have " + most,
                    Map.of("caller", owner, "used", String.valueOf(taken), "limit", String.valueOf(most)));
        }
    }

    private void recover() throws IOException {
        try (Stream<Path> found = Files.list(folder)) {
            for (Path path : found.sorted().toList()) {
                String name = path.getFileName().toString();
                if (name.endsWith(UploadFile.FACTS) && !name.startsWith(".")) {
                    recover(name.substring(0, name.length() - UploadFile.FACTS.length()), path);
                }
            }
        }
        try (Stream<Path> found = Files.list(folder)) {
            for (Path path : found.toList()) {
                String name = path.getFileName().toString();
                boolean known = all.containsKey(name)
                        || name.endsWith(UploadFile.FACTS)
                                && all.containsKey(name.substring(0, name.length() - UploadFile.FACTS.length()));
                if (!known) {
                    files.delete(path);
                }
            }
        }
    }

    private void recover(String id, Path facts) throws IOException {
        Upload upload;
        try {
            upload = UploadFacts.read(id, facts);
        } catch (IOException e) {
            LOG.warn("DATA_LOSS: upload {} cannot be read and is removed", id, e);
            return;
        }
        UploadFile file = file(upload);
        if (file.recover()) {
            all.put(id, file);
        } else {
            LOG.warn("upload {} is removed: its bytes are not all there, or it was being deleted", id);
        }
    }

    private static void discard(UploadFile made) {
        try {
            made.delete();
        } catch (IOException e) {
            LOG.warn("an upload that could not be created stays until the next start", e);
        }
    }
}
