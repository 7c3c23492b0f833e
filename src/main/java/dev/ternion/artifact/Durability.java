package dev.ternion.artifact;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;

/** What a power cut cannot take back. */
public final class Durability {
    private Durability() {}

    /** Makes the files of a folder and their names durable; folders inside it are not entered. */
    public static void syncFiles(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    FileOperations.REAL.sync(channel);
                }
            }
        }
        syncNames(folder);
    }

    /** Makes the names in a folder durable: after a rename. */
    public static void syncNames(Path folder) throws IOException {
        FileOperations.REAL.syncFolder(folder);
    }
}
