package dev.ternion;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
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
