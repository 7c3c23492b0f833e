package dev.ternion.data;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/** Files that are on the disk when the call returns, and folders that appear complete or not at all. */
final class DurableFiles {
    private DurableFiles() {}

    /** What writes the content of a file. */
    interface Content {
        /** Writes it; the stream is flushed, synced and closed after. */
        void writeTo(OutputStream out) throws IOException;
    }

    /** Writes a new file and syncs it. */
    static void write(Path file, Content content) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
            content.writeTo(out);
            out.flush();
            channel.force(true);
        }
    }

    /** Renames a complete folder to its final name, with folder entries synced before and after. */
    static void publish(Path temporary, Path folder) throws IOException {
        syncFolder(temporary);
        Files.move(temporary, folder, StandardCopyOption.ATOMIC_MOVE);
        syncFolder(folder.toAbsolutePath().getParent());
    }

    /** Deletes a folder of plain files, as far as it is there. */
    static void deleteFolder(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path file : List.copyOf(entries.toList())) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    private static void syncFolder(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
