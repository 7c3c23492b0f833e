package dev.ternion.server;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What an import from a server path may open: files of one name, and folders, that lie under the import root. A link that
 * leads out of the root, a file with a second name (a hard link, whose other name may be anywhere), a device, pipe or
 * socket is none of these.
 */
final class ServerFiles {
    /** Files and folders in one folder. */
    private static final int MOST_ENTRIES = 10_000;

    private ServerFiles() {}

    /**
     * What is wrong with a path or, if it is a folder, with what lies in it; with a file also what lies beside it, as an import
     * looks for a tokenizer there. Folders inside are not looked into.
     *
     * @param real of the path
     * @param root its import root, real
     */
    static Optional<String> problem(Path real, Path root) throws IOException {
        boolean folder = Files.isDirectory(real);
        if (!folder && !isPlain(real)) {
            return Optional.of("it is no file of one name");
        }
        int entries = 0;
        try (DirectoryStream<Path> children = Files.newDirectoryStream(folder ? real : real.getParent())) {
            for (Path child : children) {
                if (++entries > MOST_ENTRIES) {
                    return Optional.of("its folder has more than " + MOST_ENTRIES + " files");
                }
                if (!isAllowed(child, root)) {
                    return Optional.of("\"" + child.getFileName()
                            + "\" there is a link that leads elsewhere, a file with a" + " second name, or no file");
                }
            }
        }
        return Optional.empty();
    }

    private static boolean isAllowed(Path child, Path root) throws IOException {
        if (Files.isSymbolicLink(child)
                && (!Files.exists(child) || !child.toRealPath().startsWith(root))) {
            return false;
        }
        return Files.isDirectory(child) || isPlain(child);
    }

    /** Whether a path is that of a regular file, or a link to one, that has no other name. */
    static boolean isPlain(Path file) throws IOException {
        return Files.isRegularFile(file)
                && Files.getAttribute(file, "unix:nlink").equals(1);
    }
}
