package dev.ternion.data;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** Real data outside the repository; tests that need it are skipped where it is not. */
final class SharedData {
    /** Where the tokenizer library is unpacked. */
    static final Path CACHE = Path.of("target", "djl");

    private SharedData() {}

    /** A file or folder of shared/data, or a skipped test. */
    static Path data(String name) {
        Path root = Path.of(System.getProperty("ternion.shared", "../shared"));
        Path path = root.resolve("data").resolve(name);
        assumeTrue(Files.exists(path), "skipped: shared/data/" + name + " absent (looked in " + root + ")");
        return path;
    }

    /** A jar of the local Maven repository, or a skipped test. */
    static Path jar(String group, String artifact, String version) {
        String repository = System.getProperty("maven.repo.local", System.getProperty("user.home") + "/.m2/repository");
        Path jar = Path.of(repository, group.split("\\."))
                .resolve(Path.of(artifact, version, artifact + "-" + version + ".jar"));
        assumeTrue(Files.exists(jar), "skipped: " + artifact + " is not in the local Maven repository");
        return jar;
    }
}
