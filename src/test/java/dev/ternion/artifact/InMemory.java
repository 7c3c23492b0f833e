package dev.ternion.artifact;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/** Folders of tests that write durably a thousand times: on a file system in memory, where there is one. */
public final class InMemory implements TempDirFactory {
    private static final Path SHARED = Path.of("/dev/shm");

    @Override
    public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext context) throws Exception {
        return Files.isWritable(SHARED)
                ? Files.createTempDirectory(SHARED, "ternion")
                : Files.createTempDirectory("ternion");
    }
}
