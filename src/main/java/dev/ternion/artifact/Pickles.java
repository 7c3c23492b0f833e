package dev.ternion.artifact;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Files of weights that may hold a Python pickle: reading one runs whatever its author wrote, so none is opened. */
final class Pickles {
    private static final Pattern NAME = Pattern.compile("(?i).*\\.(bin|pt|pth|pkl|pickle|ckpt|joblib)");

    private Pickles() {}

    /** Whether a name is one under which pickles are published. */
    static boolean isNamedSo(String name) {
        return NAME.matcher(name).matches();
    }

    /** The first such file of a folder, by name. */
    static Optional<String> in(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(Pickles::isNamedSo)
                    .sorted()
                    .findFirst();
        }
    }

    static ArtifactException refused(Path source, String name) {
        return ArtifactException.of(
                source,
                "weights",
                name + ", which may hold a pickle",
                ModelFinder.WEIGHTS,
                "Convert it where you trust it: in Python, model.save_pretrained(folder, safe_serialization=True).");
    }
}
