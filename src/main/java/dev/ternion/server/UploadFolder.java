package dev.ternion.server;

import dev.ternion.api.v1.FileChunk;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Collects the pieces of one upload in a folder of its own; checks order, sizes and digests; closing deletes it. */
final class UploadFolder implements AutoCloseable {
    private static final String REASON = "UPLOAD_INVALID";
    private static final int MAX_FILES = 256;
    private static final int COPIED_AT_ONCE = 64 << 10;
    private static final Pattern PATH = Pattern.compile("[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*");

    private final Path folder;
    private final long maxBytes;
    private final Set<String> paths = new HashSet<>();
    private final Set<String> folders = new HashSet<>();
    private final List<Path> files = new ArrayList<>();
    private String current;
    private OutputStream out;
    private MessageDigest digest;
    private long bytes;

    /** @param maxBytes bytes of all files together */
    UploadFolder(Path parent, long maxBytes) throws IOException {
        Files.createDirectories(parent);
        this.folder = Files.createTempDirectory(parent, "upload-");
        this.maxBytes = maxBytes;
    }

    /** Takes the next piece. */
    void add(FileChunk chunk) throws IOException {
        checkSize(chunk.getData().size());
        if (out == null) {
            open(chunk.getPath());
        } else if (!chunk.getPath().equals(current)) {
            throw Refusal.invalid(
                    REASON,
                    "chunk.path",
                    "is \"" + chunk.getPath() + "\" before the last piece of \"" + current + "\"");
        }
        for (ByteBuffer part : chunk.getData().asReadOnlyByteBufferList()) {
            digest.update(part.duplicate());
        }
        chunk.getData().writeTo(out);
        if (chunk.getLast()) {
            finish(chunk.getSha256());
        }
    }

    /** Takes a file that was uploaded before; its digest was checked then. */
    void add(String path, InputStream content) throws IOException {
        if (out != null) {
            throw truncated();
        }
        open(path);
        byte[] buffer = new byte[COPIED_AT_ONCE];
        for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
            count(n);
            out.write(buffer, 0, n);
        }
        out.close();
        out = null;
    }

    /** Where the files are: the file itself if there is one and it is in no folder, else the folder. */
    Path fileOrFolder() {
        requireComplete();
        return files.size() == 1 && files.get(0).getParent().equals(folder) ? files.get(0) : folder;
    }

    /** The folder with the files. */
    Path folder() {
        requireComplete();
        return folder;
    }

    @Override
    public void close() {
        try {
            if (out != null) {
                out.close();
                out = null;
            }
            deleteTree(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        try (Stream<Path> all = Files.walk(root)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }

    private void requireComplete() {
        if (out != null) {
            throw truncated();
        }
        if (files.isEmpty()) {
            throw Refusal.invalid(REASON, "chunk", "never came: send the files, or give header.server_path");
        }
    }

    private Refusal truncated() {
        return Refusal.invalid(REASON, "chunk.last", "never came for \"" + current + "\": the upload is truncated");
    }

    private void checkSize(int size) {
        if (size > ServerSettings.MAX_UPLOAD_CHUNK_BYTES) {
            throw Refusal.invalid(
                    REASON,
                    "chunk.data",
                    "has " + size + " bytes, wanted at most " + ServerSettings.MAX_UPLOAD_CHUNK_BYTES);
        }
        count(size);
    }

    private void count(int size) {
        bytes += size;
        if (bytes > maxBytes) {
            throw Refusal.quota(
                    "UPLOAD_TOO_LARGE",
                    "upload",
                    "the upload has more than " + maxBytes + " bytes; send less, or import from a server path",
                    Map.of("limit", String.valueOf(maxBytes)));
        }
    }

    private void open(String path) throws IOException {
        if (path.length() > 255 || !PATH.matcher(path).matches() || hasDots(path)) {
            throw Refusal.invalid(
                    REASON,
                    "chunk.path",
                    "is \"" + path + "\", wanted letters, digits, ., _, - and folders by /, none of them . or ..");
        }
        if (!paths.add(path)) {
            throw Refusal.invalid(REASON, "chunk.path", "is \"" + path + "\" a second time");
        }
        for (int cut = path.indexOf('/'); cut >= 0; cut = path.indexOf('/', cut + 1)) {
            folders.add(path.substring(0, cut));
        }
        if (!Collections.disjoint(folders, paths)) {
            throw Refusal.invalid(
                    REASON, "chunk.path", "is \"" + path + "\", which makes one name a file and a folder");
        }
        if (paths.size() > MAX_FILES) {
            throw Refusal.invalid(REASON, "chunk.path", "is file " + paths.size() + ", wanted at most " + MAX_FILES);
        }
        Path file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        out = Files.newOutputStream(file);
        files.add(file);
        current = path;
        digest = sha256();
    }

    private void finish(String wanted) throws IOException {
        out.close();
        out = null;
        String seen = HexFormat.of().formatHex(digest.digest());
        if (!wanted.isEmpty() && !wanted.equalsIgnoreCase(seen)) {
            throw Refusal.invalid(
                    REASON,
                    "chunk.sha256",
                    "of \"" + current + "\" is " + wanted + ", the bytes that came have " + seen + "; send it again");
        }
    }

    private static boolean hasDots(String path) {
        return List.of(path.split("/")).stream().anyMatch(part -> part.equals(".") || part.equals(".."));
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
