package dev.ternion.artifact;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/** The file operations that make something durable, one by one, so that a test can let each of them fail. */
public class FileOperations {
    /** The operations of the system. */
    public static final FileOperations REAL = new FileOperations();

    /** A new folder; the one above it must be there. */
    public void createFolder(Path folder) throws IOException {
        Files.createDirectory(folder);
    }

    /** A new file, open for writing. */
    public FileChannel create(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
    }

    /** A second name of a file. */
    void link(Path name, Path existing) throws IOException {
        Files.createLink(name, existing);
    }

    /** A file that is there, open for writing. */
    public FileChannel open(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.WRITE);
    }

    /** Writes all bytes to a place in a file; when that fails, some of them may be there. */
    public void write(FileChannel file, ByteBuffer bytes, long at) throws IOException {
        long end = at + bytes.remaining();
        while (bytes.hasRemaining()) {
            file.write(bytes, end - bytes.remaining());
        }
    }

    /** Makes the content of a file survive a power cut. */
    public void sync(FileChannel file) throws IOException {
        file.force(true);
    }

    /** Makes names in a folder survive a power cut; systems that cannot open a folder do it on their own. */
    public void syncFolder(Path folder) throws IOException {
        if (System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows")) {
            return;
        }
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Replaces a file, not a folder that holds something. */
    public void rename(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** A file or an empty folder, if it is there. */
    public void delete(Path path) throws IOException {
        Files.deleteIfExists(path);
    }
}
