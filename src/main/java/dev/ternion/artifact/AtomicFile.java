package dev.ternion.artifact;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writing a file so that it is there whole or not at all: a temporary file beside the target, fsync, atomic rename,
 * fsync of the folder. When anything fails the temporary file is removed and the target is as it was.
 */
public final class AtomicFile {
    private static final AtomicLong COUNTER = new AtomicLong();

    private AtomicFile() {}

    /** Produces the content. */
    interface Body {
        void writeTo(WritableByteChannel out) throws IOException;
    }

    /** @throws ArtifactException when the disk is full */
    static void write(FileOperations files, Path target, Body body) throws IOException {
        Path folder = target.toAbsolutePath().getParent();
        Path temp = null;
        try {
            temp = writeTemp(files, target, body);
            files.rename(temp, target);
            files.syncFolder(folder);
        } catch (IOException | RuntimeException | Error e) {
            if (temp != null) {
                files.delete(temp);
            }
            throw e;
        }
    }

    /**
     * Writes a file with this content.
     *
     * @throws ArtifactException when the disk is full
     */
    public static void write(FileOperations files, Path target, byte[] content) throws IOException {
        write(files, target, out -> writeFully(out, ByteBuffer.wrap(content)));
    }

    private static Path writeTemp(FileOperations files, Path target, Body body) throws IOException {
        Path temp = unusedName(target);
        FileChannel out = files.create(temp);
        try (out) {
            body.writeTo(out);
            files.sync(out);
            return temp;
        } catch (IOException e) {
            files.delete(temp);
            throw isFull(e) ? full(target, e) : e;
        } catch (RuntimeException | Error e) {
            files.delete(temp);
            throw e;
        }
    }

    /** A name beside the target that no file has: hidden, with the process and a counter in it. */
    static Path unusedName(Path target) {
        Path absolute = target.toAbsolutePath();
        String name = absolute.getFileName().toString();
        long process = ProcessHandle.current().pid();
        Path candidate;
        do {
            candidate = absolute.resolveSibling("." + name + "." + process + "-" + COUNTER.incrementAndGet() + ".tmp");
        } while (Files.exists(candidate));
        return candidate;
    }

    static void writeFully(WritableByteChannel out, ByteBuffer bytes) throws IOException {
        ByteBuffer rest = bytes.duplicate();
        while (rest.hasRemaining()) {
            out.write(rest);
        }
    }

    /** Whether a failure says that the disk or the quota is used up; the JDK passes on the system's words only. */
    static boolean isFull(IOException e) {
        String text = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        return text.contains("no space left") || text.contains("not enough space") || text.contains("quota exceeded");
    }

    static ArtifactException full(Path target, IOException cause) throws IOException {
        long free = Files.getFileStore(target.toAbsolutePath().getParent()).getUsableSpace();
        return ArtifactException.because(
                cause,
                target,
                "write",
                cause.getMessage() + " (" + free + " bytes free)",
                "room for the whole file",
                "Free some space or choose another folder; nothing was left behind.");
    }
}
