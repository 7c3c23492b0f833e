package dev.ternion;

import dev.ternion.artifact.OwnerFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Folders of one resource each, named by id. */
final class Folders {
    private Folders() {}

    /** Ids in a folder, sorted; hidden folders are unfinished writes. */
    static List<String> ids(Path parent) throws IOException {
        if (!Files.isDirectory(parent)) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(parent)) {
            return children.filter(Files::isDirectory)
                    .map(child -> child.getFileName().toString())
                    .filter(name -> !name.startsWith("."))
                    .sorted()
                    .toList();
        }
    }

    /** Removes a folder: first out of sight by a rename, then file by file. */
    static void delete(Path folder) throws IOException {
        Path hidden = folder.resolveSibling("." + folder.getFileName() + ".deleted");
        Files.move(folder, hidden);
        remove(hidden);
    }

    /** Unfinished writes and removals in a folder. */
    static List<Path> hidden(Path parent) throws IOException {
        if (!Files.isDirectory(parent)) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(parent)) {
            return children.filter(child -> child.getFileName().toString().startsWith("."))
                    .toList();
        }
    }

    /** Removes a folder that nobody sees, file by file, if it is there. */
    static void remove(Path hidden) throws IOException {
        if (!Files.exists(hidden)) {
            return;
        }
        try (Stream<Path> files = Files.walk(hidden)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** Bytes of the folders in a folder that are this owner's. */
    static long size(Path parent, String owner) throws IOException {
        long bytes = 0;
        for (String id : ids(parent)) {
            Path folder = parent.resolve(id);
            bytes += OwnerFile.read(folder).equals(owner) ? sizeIfThere(folder) : 0;
        }
        return bytes;
    }

    /** Bytes of all files below; 0 if the folder goes meanwhile. */
    static long sizeIfThere(Path folder) throws IOException {
        try {
            return size(folder);
        } catch (NoSuchFileException e) {
            return 0;
        } catch (UncheckedIOException e) {
            if (e.getCause() instanceof NoSuchFileException) {
                return 0;
            }
            throw e.getCause();
        }
    }

    /** Bytes of all files below. */
    static long size(Path folder) throws IOException {
        long bytes = 0;
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                bytes += Files.size(file);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return bytes;
    }
}
