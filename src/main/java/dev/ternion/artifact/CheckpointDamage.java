package dev.ternion.artifact;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
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
        return of(checkpoint, files(checkpoint).stream(), pulse);
    }

    /** The same on all cores, for a job that waits for it: nearly all bytes are in one file for each arm. */
    static Optional<String> atOnce(Path checkpoint) throws IOException {
        return of(checkpoint, files(checkpoint).parallelStream(), () -> {});
    }

    private static List<Path> files(Path checkpoint) throws IOException {
        try (Stream<Path> all = Files.list(checkpoint)) {
            return all.filter(file -> !file.endsWith(Manifest.NAME)).toList();
        }
    }

    private static Optional<String> of(Path checkpoint, Stream<Path> files, Runnable pulse) throws IOException {
        Path manifest = checkpoint.resolve(Manifest.NAME);
        byte[] stored = Files.isRegularFile(manifest) ? Files.readAllBytes(manifest) : new byte[0];
        Manifest measured = measured(files, pulse);
        if (Arrays.equals(stored, measured.toJson())) {
            return Optional.empty();
        }
        List<String> differences = Manifest.read(checkpoint).differences(measured);
        return Optional.of(
                differences.isEmpty()
                        ? Manifest.NAME + ": its bytes are not those that were written"
                        : "other files than in " + Manifest.NAME + ": " + String.join("; ", differences));
    }

    private static Manifest measured(Stream<Path> files, Runnable pulse) throws IOException {
        try {
            Map<String, Manifest.Entry> entries =
                    files.collect(Collectors.toMap(file -> file.getFileName().toString(), file -> entry(file, pulse)));
            return new Manifest(new TreeMap<>(entries), "", "", Optional.empty());
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static Manifest.Entry entry(Path file, Runnable pulse) {
        try {
            return new Manifest.Entry(Files.size(file), Digests.sha256(file, pulse));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
