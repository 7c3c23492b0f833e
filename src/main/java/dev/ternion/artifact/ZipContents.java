package dev.ternion.artifact;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * An untrusted zip or jar. Entries are copied to paths that the caller chooses, never to paths made of their names; an
 * archive with a name that would lead out of a folder is refused all the same.
 */
final class ZipContents implements Closeable {
    private static final int MOST_ENTRIES = 10_000;
    private static final int LONGEST_NAME = 512;

    /** Bytes unpacked for each byte of the archive, beyond what is free; far more than weights or words compress. */
    private static final long MOST_RATIO = 100;

    private static final long FREE_BYTES = 1 << 20;
    private static final int CHUNK = 1 << 16;
    private static final int LOCAL_HEADER = 0x504b0304;

    private final Path file;
    private final ZipFile zip;
    private final Set<String> names = new LinkedHashSet<>();
    private final long mostUnpacked;
    private long unpacked;

    ZipContents(Path file) throws IOException {
        this(file, Files.size(file));
    }

    /** @param sent bytes of the archive that came from outside: of {@code file} itself, or of the one that it was in */
    ZipContents(Path file, long sent) throws IOException {
        this.file = file;
        this.mostUnpacked = FREE_BYTES + MOST_RATIO * sent;
        try {
            this.zip = new ZipFile(file.toFile());
        } catch (ZipException | EOFException e) {
            throw ArtifactException.unreadable(file, "zip", e, "a whole zip archive");
        }
        try {
            requirePlain();
        } catch (IOException | RuntimeException e) {
            zip.close();
            throw e;
        }
    }

    private void requirePlain() throws ArtifactException {
        if (zip.size() > MOST_ENTRIES) {
            throw refused("entries", zip.size(), "at most " + MOST_ENTRIES);
        }
        for (ZipEntry entry : (Iterable<ZipEntry>) zip.stream().map(e -> (ZipEntry) e)::iterator) {
            String name = entry.getName();
            if (leadsOut(name)) {
                throw refused("entry name", name, "a relative name without \"..\"");
            }
            if (name.length() > LONGEST_NAME) {
                throw refused("entry name: characters", name.length(), "at most " + LONGEST_NAME);
            }
            if (!entry.isDirectory() && !names.add(name)) {
                throw refused("entry \"" + name + "\"", "twice", "once");
            }
        }
    }

    private static boolean leadsOut(String name) {
        String slashes = name.replace('\\', '/');
        boolean drive = slashes.length() > 1 && slashes.charAt(1) == ':';
        return slashes.startsWith("/")
                || drive
                || List.of(slashes.split("/", -1)).contains("..");
    }

    private ArtifactException refused(String what, Object seen, Object wanted) {
        return ArtifactException.of(file, what, seen, wanted, "Fetch the archive from where it was published.");
    }

    /** Names that a test accepts, in the archive's order. */
    List<String> names(Predicate<String> test) {
        return names.stream().filter(test).toList();
    }

    /** Names of entries that are zip archives themselves, by their first bytes. */
    List<String> nestedZips() throws IOException {
        return names(name -> true).stream().filter(this::isZip).toList();
    }

    private boolean isZip(String name) {
        try (InputStream in = zip.getInputStream(zip.getEntry(name))) {
            byte[] start = in.readNBytes(Integer.BYTES);
            return start.length == Integer.BYTES && ByteBuffer.wrap(start).getInt() == LOCAL_HEADER;
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether a file begins like a zip archive. */
    static boolean isZip(Path path) throws IOException {
        try (FileChannel in = FileChannel.open(path, StandardOpenOption.READ)) {
            ByteBuffer start = ByteBuffer.allocate(Integer.BYTES);
            return in.read(start) == Integer.BYTES && start.getInt(0) == LOCAL_HEADER;
        }
    }

    /**
     * Copies an entry to a new file.
     *
     * @param most bytes to accept
     * @throws ArtifactException for an entry that is larger, shorter than it says, or whose CRC-32 differs; for an archive
     *     of which more is unpacked than {@value #MOST_RATIO} times its size
     */
    Path extract(String name, Path target, long most) throws IOException {
        ZipEntry entry = zip.getEntry(name);
        String what = "entry \"" + name + "\"";
        if (entry.getSize() > most) {
            throw refused(what + ": bytes", entry.getSize(), "at most " + most);
        }
        unpacked += entry.getSize();
        if (unpacked > mostUnpacked) {
            throw refused(
                    what + ": bytes unpacked so far",
                    unpacked,
                    "at most " + mostUnpacked + ", " + MOST_RATIO + " times the archive's");
        }
        try (InputStream in = zip.getInputStream(entry);
                FileChannel out = FileChannel.open(target, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            long crc = copy(in, out, entry.getSize(), what);
            if (crc != entry.getCrc()) {
                throw refused(what + ": CRC-32", Long.toHexString(crc), Long.toHexString(entry.getCrc()));
            }
        } catch (ZipException | EOFException e) {
            throw ArtifactException.unreadable(file, what, e, "whole compressed data");
        } catch (IOException e) {
            throw AtomicFile.isFull(e) ? AtomicFile.full(target, e) : e;
        }
        return target;
    }

    /** @return CRC-32 of what was copied, which is exactly {@code size} bytes */
    private long copy(InputStream in, FileChannel out, long size, String what) throws IOException {
        CRC32 crc = new CRC32();
        byte[] chunk = new byte[CHUNK];
        long total = 0;
        for (int n = in.read(chunk); n >= 0 && total <= size; n = in.read(chunk)) {
            total += n;
            crc.update(chunk, 0, n);
            AtomicFile.writeFully(out, ByteBuffer.wrap(chunk, 0, n));
        }
        if (total != size) {
            throw refused(what + ": bytes", total > size ? "more than " + size : total, size + " as its header says");
        }
        return crc.getValue();
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }
}
