package dev.ternion.artifact;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** How a checkpoint differs from what was written: its manifest must be what its files give, bit for bit. */
final class CheckpointDamage {
    private CheckpointDamage() {}

    /**
     * The files that differ, with what was expected and what is there; empty when all is as written.
     *
     * @param pulse called between pieces of the files
     */
    static Optional<String> of(Path checkpoint, Runnable pulse) throws IOException {
        Path manifest = checkpoint.resolve(Manifest.NAME);
        byte[] stored = Files.isRegularFile(manifest) ? Files.readAllBytes(manifest) : new byte[0];
        Manifest measured = measured(checkpoint, pulse);
        if (Arrays.equals(stored, measured.toJson())) {
            return Optional.empty();
        }
        List<String> differences = Manifest.read(checkpoint).differences(measured);
        return Optional.of(
                differences.isEmpty()
                        ? Manifest.NAME + ": its bytes are not those that were written"
                        : "other files than in " + Manifest.NAME + ": " + String.join("; ", differences));
    }

    private static Manifest measured(Path checkpoint, Runnable pulse) throws IOException {
        SortedMap<String, Manifest.Entry> files = new TreeMap<>();
        try (Stream<Path> paths = Files.list(checkpoint)) {
            for (Path file : paths.toList()) {
                String name = file.getFileName().toString();
                if (!name.equals(Manifest.NAME)) {
                    files.put(name, new Manifest.Entry(Files.size(file), Digests.sha256(file, pulse)));
                }
            }
        }
        return new Manifest(files, "", "", Optional.empty());
    }
}
