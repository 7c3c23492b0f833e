package dev.ternion.arch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** The checkout that the tests run in, as text. */
final class Repository {
    private Repository() {}

    /** The top folder. */
    static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("pom.xml"))) {
            folder = folder.getParent();
        }
        return folder;
    }

    /** A file's text. */
    static String read(String path) {
        return read(root().resolve(path));
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Files under a folder whose names end so, in order; empty if there is no such folder. */
    static List<Path> files(String folder, String... endings) {
        Path top = root().resolve(folder);
        if (!Files.isDirectory(top)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(top)) {
            return all.filter(file -> Arrays.stream(endings)
                            .anyMatch(end -> file.getFileName().toString().endsWith(end)))
                    .filter(Files::isRegularFile)
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Path from the top folder, with slashes. */
    static String name(Path file) {
        return root().relativize(file).toString();
    }

    /** The text between {@code <!-- name -->} and {@code <!-- /name -->}. */
    static String between(String text, String name) {
        String open = "<!-- " + name + " -->\n", close = "<!-- /" + name + " -->";
        int start = text.indexOf(open), end = text.indexOf(close);
        if (start < 0 || end < start) {
            throw new AssertionError("no block <!-- " + name + " --> … <!-- /" + name + " -->");
        }
        return text.substring(start + open.length(), end);
    }

    /** Cells of a Markdown table without head and rule. */
    static List<List<String>> table(String markdown) {
        List<List<String>> rows = new ArrayList<>();
        for (String line : markdown.split("\n")) {
            if (line.startsWith("|")) {
                String cells = line.strip();
                rows.add(Arrays.stream(cells.substring(1, cells.length() - 1).split("\\|", -1))
                        .map(String::strip)
                        .toList());
            }
        }
        return rows.size() < 2 ? List.of() : rows.subList(2, rows.size());
    }
}
