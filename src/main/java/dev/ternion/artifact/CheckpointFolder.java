package dev.ternion.artifact;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The checkpoints of one job: folders {@code step-000000000042}, each with the SHA-256 of its files in a manifest. One that
 * is not intact to the last bit does not exist. Used by one process at a time.
 */
public final class CheckpointFolder {
    /** Newest checkpoints that are kept: the last one, and the one before it should the last be damaged. */
    private static final int KEPT = 2;

    private static final Pattern NAME = Pattern.compile("step-[0-9]{12}");

    private final Path folder;
    private final FileOperations files;

    /** @param folder of one job alone; need not be there */
    public CheckpointFolder(Path folder) {
        this(folder, FileOperations.REAL);
    }

    CheckpointFolder(Path folder, FileOperations files) {
        this.folder = folder.toAbsolutePath();
        this.files = files;
    }

    /**
     * What there is.
     *
     * @param intact the newest intact checkpoint
     * @param damaged why newer ones do not count, each with its file
     */
    public record Found(Optional<Path> intact, List<String> damaged) {}

    /**
     * Looks for the newest intact checkpoint; when there is one, newer ones that are damaged are removed. Also removes what an
     * interrupted commit has left.
     */
    public Found newest() throws IOException {
        for (Path child : children()) {
            if (child.getFileName().toString().startsWith(".")) {
                deleteFolder(child);
            }
        }
        List<String> problems = new ArrayList<>();
        List<Path> damaged = new ArrayList<>();
        for (Path checkpoint : newestFirst()) {
            Optional<String> problem = problem(checkpoint);
            if (problem.isEmpty()) {
                for (Path path : damaged) {
                    hideAndDelete(path);
                }
                return new Found(Optional.of(checkpoint), problems);
            }
            problems.add(problem.get());
            damaged.add(checkpoint);
        }
        return new Found(Optional.empty(), problems);
    }

    /**
     * Begins a checkpoint.
     *
     * @param step of the job; a checkpoint of the same step is replaced
     */
    public CheckpointWriter begin(long step) throws IOException {
        createDurably(folder);
        Path temporary = folder.resolve("." + name(step) + ".saving");
        if (Files.exists(temporary)) {
            deleteFolder(temporary);
        }
        files.createFolder(temporary);
        return new CheckpointWriter(this, files, temporary, step);
    }

    /** Removes all checkpoints. */
    public void clear() throws IOException {
        for (Path checkpoint : newestFirst()) {
            hideAndDelete(checkpoint);
        }
    }

    void publish(Path temporary, long step) throws IOException {
        Path checkpoint = folder.resolve(name(step));
        if (Files.exists(checkpoint)) {
            hideAndDelete(checkpoint);
        }
        files.rename(temporary, checkpoint);
        files.syncFolder(folder);
        List<Path> all = newestFirst();
        for (Path old : all.subList(Math.min(KEPT, all.size()), all.size())) {
            hideAndDelete(old);
        }
    }

    /** Why a checkpoint does not count; empty when it does. The manifest must be what this folder's files give, bit for bit. */
    private static Optional<String> problem(Path checkpoint) {
        Path manifest = checkpoint.resolve(Manifest.NAME);
        try {
            byte[] stored = Files.isRegularFile(manifest) ? Files.readAllBytes(manifest) : new byte[0];
            if (Arrays.equals(stored, measured(checkpoint))) {
                return Optional.empty();
            }
            List<String> differences = Manifest.read(checkpoint).differences(checkpoint);
            return Optional.of(
                    differences.isEmpty()
                            ? manifest + ": its bytes are not those that were written"
                            : checkpoint + ": other files than in " + Manifest.NAME + ": "
                                    + String.join("; ", differences));
        } catch (IOException e) {
            return Optional.of(checkpoint + ": " + e.getMessage());
        }
    }

    private static byte[] measured(Path checkpoint) throws IOException {
        try (Stream<Path> paths = Files.list(checkpoint)) {
            List<String> names = paths.map(path -> path.getFileName().toString())
                    .filter(name -> !name.equals(Manifest.NAME))
                    .toList();
            return Manifest.of(checkpoint, names, "", "", Optional.empty()).toJson();
        }
    }

    private static String name(long step) {
        return String.format(Locale.ROOT, "step-%012d", step);
    }

    private List<Path> newestFirst() throws IOException {
        List<Path> checkpoints = new ArrayList<>(children());
        checkpoints.removeIf(
                path -> !NAME.matcher(path.getFileName().toString()).matches());
        checkpoints.sort((a, b) -> b.compareTo(a));
        return checkpoints;
    }

    private List<Path> children() throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(folder)) {
            return all.toList();
        }
    }

    private void createDurably(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            createDurably(path.getParent());
            files.createFolder(path);
            files.syncFolder(path.getParent());
        }
    }

    /** First out of sight, so that no half of a checkpoint is ever seen. */
    private void hideAndDelete(Path checkpoint) throws IOException {
        Path hidden = folder.resolve("." + checkpoint.getFileName() + ".deleted");
        if (Files.exists(hidden)) {
            deleteFolder(hidden);
        }
        files.rename(checkpoint, hidden);
        deleteFolder(hidden);
    }

    void deleteFolder(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            try (Stream<Path> inside = Files.list(path)) {
                for (Path file : inside.toList()) {
                    files.delete(file);
                }
            }
        }
        files.delete(path);
    }
}
