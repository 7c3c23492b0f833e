package dev.ternion.objects;

import dev.ternion.artifact.FileOperations;
import dev.ternion.objects.UploadException.Problem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * One upload on disk: its bytes in a file, what is known of it in another. Bytes are committed by a sync and then by their number in the
 * facts; after a restart the file is cut there, so that nothing counts that a power cut may have taken.
 */
final class UploadFile {
    /** Bytes that a kill of the server may cost. */
    static final long COMMIT_EVERY = 32L << 20;

    static final String FACTS = ".upload";

    private final Path bytes;
    private final Path facts;
    private final FileOperations files;
    private final ObjectStore store;
    private final Clock clock;
    private final Duration life;
    private volatile Upload upload;
    private FileChannel channel;
    private long written;
    private int writer;
    private boolean gone;

    UploadFile(Path folder, Upload upload, FileOperations files, ObjectStore store, Clock clock, Duration life) {
        this.bytes = folder.resolve(upload.id());
        this.facts = folder.resolve(upload.id() + FACTS);
        this.files = files;
        this.store = store;
        this.clock = clock;
        this.life = life;
        this.upload = upload;
        this.written = upload.committed();
    }

    /** The name of its object; begins with {@link #objects}. */
    private static String object(String id, String sha256) {
        return objects(id) + sha256;
    }

    private static String objects(String id) {
        return "uploads/" + id + "_";
    }

    /** Makes it, on disk. */
    synchronized void create() throws IOException {
        files.create(bytes).close();
        UploadFacts.write(files, facts, upload);
    }

    /** Takes it up after a restart; false if what it needs is not there. */
    synchronized boolean recover() throws IOException {
        if (upload.isFinalized()) {
            return store.size(object(upload.id(), upload.sha256())).isPresent();
        }
        if (Files.exists(bytes)) {
            try (FileChannel open = files.open(bytes)) {
                if (open.size() < upload.committed()) {
                    return false;
                }
                open.truncate(upload.committed());
            }
            return true;
        }
        // It was being finalized: the object is there already.
        Optional<String> digest = stored();
        if (digest.isPresent()) {
            keep(digest.get());
        }
        return digest.isPresent();
    }

    /** Without waiting for what is under way. */
    Upload upload() {
        return upload;
    }

    /** Commits what was written. */
    synchronized Upload commit() throws IOException {
        requireThere();
        if (written > upload.committed()) {
            try {
                files.sync(channel);
            } catch (IOException e) {
                // Bytes that a sync has failed for may be lost although they can be read: none of them is trusted
                // again.
                written = upload.committed();
                take();
                throw e;
            }
            Upload committed = upload.committed(written, clock.instant().plus(life));
            UploadFacts.write(files, facts, committed);
            upload = committed;
        }
        return upload;
    }

    /**
     * Begins to write; who wrote before can no longer.
     *
     * @return what {@link #write} asks for
     */
    synchronized int begin() throws IOException {
        commit();
        requireOpen();
        take();
        return writer;
    }

    /**
     * Writes; bytes that are there already are passed over.
     *
     * @param at place of the first byte, no further than the bytes that are there
     */
    synchronized void write(int asked, long at, ByteBuffer data) throws IOException {
        requireThere();
        if (asked != writer) {
            throw new UploadException(
                    Problem.UPLOAD_TAKEN_OVER,
                    upload.id(),
                    "another write of upload " + upload.id()
                            + " has begun since; ask for its committed size and go on");
        }
        requireOpen();
        if (at < 0 || at > written) {
            throw new UploadException(
                    Problem.OFFSET_INVALID,
                    upload.id(),
                    "write_offset is " + at + ", wanted at most " + written
                            + "; ask for the committed size and go on from there",
                    Map.of("committed_size", String.valueOf(upload.committed())));
        }
        if (data.remaining() > upload.size() - at) {
            throw new UploadException(
                    Problem.UPLOAD_INVALID,
                    upload.id(),
                    "the bytes reach beyond " + upload.size() + ", the size that the upload was created with");
        }
        int there = (int) Math.min(written - at, data.remaining());
        ByteBuffer rest = data.position(data.position() + there);
        long more = rest.remaining();
        if (more == 0) {
            return;
        }
        if (channel == null) {
            channel = files.open(bytes);
        }
        files.write(channel, rest, written);
        written += more;
        if (written - upload.committed() >= COMMIT_EVERY) {
            commit();
        }
    }

    /** Ends a write and commits it; does nothing if another has begun. */
    synchronized Upload end(int asked) throws IOException {
        if (asked == writer && !gone) {
            commit();
            take();
        }
        return upload;
    }

    /** See {@link Uploads#finish}. */
    synchronized Upload finish(String sha256) throws IOException {
        commit();
        if (upload.isFinalized()) {
            requireDigest(sha256, upload.sha256());
            return upload;
        }
        if (upload.committed() < upload.size()) {
            throw new UploadException(
                    Problem.UPLOAD_INCOMPLETE,
                    upload.id(),
                    "upload " + upload.id() + " has " + upload.committed() + " of " + upload.size()
                            + " bytes; write the rest first",
                    Map.of("committed_size", String.valueOf(upload.committed())));
        }
        take();
        if (!Files.exists(bytes)) {
            requireDigest(sha256, stored().orElse(""));
        }
        try {
            keep(sha256);
        } catch (DigestMismatch e) {
            requireDigest(sha256, e.seen());
        }
        return upload;
    }

    /** Digest of the object that an earlier call has made of it. */
    private Optional<String> stored() throws IOException {
        String before = objects(upload.id());
        return store.list(before).stream()
                .map(name -> name.substring(before.length()))
                .findFirst();
    }

    private void keep(String sha256) throws IOException {
        store.put(object(upload.id(), sha256), bytes, sha256);
        Upload finalized = upload.finalized(sha256, clock.instant().plus(life));
        UploadFacts.write(files, facts, finalized);
        upload = finalized;
        written = finalized.size();
    }

    private void requireDigest(String wanted, String seen) {
        if (!wanted.equals(seen)) {
            throw new UploadException(
                    Problem.UPLOAD_INVALID,
                    upload.id(),
                    "sha256 is " + wanted + ", the bytes that came have " + seen
                            + "; delete the upload and send the file again");
        }
    }

    /** The object; only of a finalized upload. */
    synchronized String object() {
        requireThere();
        if (!upload.isFinalized()) {
            throw new UploadException(
                    Problem.UPLOAD_INCOMPLETE,
                    upload.id(),
                    "upload " + upload.id() + " is not finalized; do that first");
        }
        return object(upload.id(), upload.sha256());
    }

    /** Removes it; the facts last, so that an interrupted delete is taken up by the next start. */
    synchronized void delete() throws IOException {
        gone = true;
        take();
        for (String name : store.list(objects(upload.id()))) {
            store.delete(name);
        }
        files.delete(bytes);
        files.delete(facts);
    }

    /** From here on nobody writes. */
    private void take() throws IOException {
        writer++;
        if (channel != null) {
            channel.close();
            channel = null;
        }
    }

    private void requireThere() {
        if (gone) {
            throw Uploads.notFound(upload.id());
        }
    }

    private void requireOpen() {
        if (upload.isFinalized()) {
            throw new UploadException(
                    Problem.UPLOAD_FINAL,
                    upload.id(),
                    "upload " + upload.id() + " is finalized and takes no more bytes");
        }
    }
}
