package dev.ternion.artifact;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Whose a stored model or data set is: the file {@code owner} of its folder, which holds the id of a caller. */
public final class OwnerFile {
    private static final String NAME = "owner";

    private OwnerFile() {}

    /** Says whose a folder is, before it appears; nothing for one that is nobody's. */
    public static void write(Path folder, String owner) throws IOException {
        if (!owner.isEmpty()) {
            AtomicFile.write(FileOperations.REAL, folder.resolve(NAME), owner.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Whose a folder is; empty for one that is nobody's, as those of earlier versions are, or is gone. */
    public static String read(Path folder) throws IOException {
        try {
            return Files.readString(folder.resolve(NAME));
        } catch (NoSuchFileException e) {
            return "";
        }
    }
}
