package dev.ternion.artifact;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The checkpoints of one job: folders {@code step-000000000042}, each with the SHA-256 of its files in a manifest. One that
 * is not intact to the last bit does not exist. One process makes checkpoints and takes them up; another may list, pin and remove
 * them meanwhile.
 */
public final class CheckpointFolder {
    private static final Pattern NAME = Pattern.compile("step-[0-9]{12}");

    private final Path folder;
    private final FileOperations files;
    private final CheckpointPins pins;

    /** @param folder of one job alone; need not be there */
    public CheckpointFolder(Path folder) {
        this(folder, FileOperations.REAL);
    }

    CheckpointFolder(Path folder, FileOperations files) {
        this.folder = folder.toAbsolutePath();
        this.files = files;
        this.pins = new CheckpointPins(this.folder, files);
    }

    /** Says which checkpoints stay when there is a new one; pinned ones stay besides. */
    @FunctionalInterface
    public interface Retention {
        /** Those that stay, of all that are not pinned, the newest first. */
        Collection<Path> kept(List<Path> newestFirst) throws IOException;
    }

    /**
     * What there is.
     *
     * @param intact the newest intact checkpoint that can be used
     * @param damaged why others do not count, each with its file
     */
    public record Found(Optional<Path> intact, List<String> damaged) {}

    /**
     * Looks for the newest intact checkpoint; when there is one, newer ones that are damaged are removed. Also removes what an
     * interrupted commit has left.
     *
     * @param usable whether an intact one can be used; one that cannot is passed over
     */
    public Found newest(Predicate<Path> usable) throws IOException {
        tidy();
        List<String> problems = new ArrayList<>();
        List<Path> damaged = new ArrayList<>();
        for (Path checkpoint : newestFirst()) {
            Optional<String> problem = problem(checkpoint);
            if (problem.isPresent()) {
                problems.add(problem.get());
                damaged.add(checkpoint);
            } else if (usable.test(checkpoint)) {
                for (Path path : damaged) {
                    hideAndDelete(path);
                    pins.remove(path);
                }
                return new Found(Optional.of(checkpoint), problems);
            }
        }
        return new Found(Optional.empty(), problems);
    }

    /** Steps of the checkpoints that are there, rising. */
    public List<Long> steps() throws IOException {
        List<Long> steps = new ArrayList<>();
        for (Path checkpoint : newestFirst()) {
            steps.add(0, step(checkpoint));
        }
        return steps;
    }

    /** Folder of the checkpoint of a step, which need not be there. */
    public Path at(long step) {
        return folder.resolve(name(step));
    }

    /** The step in the name of a checkpoint's folder. */
    public static long step(Path checkpoint) {
        return Long.parseLong(checkpoint.getFileName().toString().substring("step-".length()));
    }

    /** Whether a checkpoint stays until it is unpinned. */
    public boolean isPinned(long step) {
        return pins.has(at(step));
    }

    /**
     * Has a checkpoint stay, whatever the retention says and whoever removes others at this moment.
     *
     * @return false if there is none of this step
     */
    public boolean pin(long step) throws IOException {
        if (!Files.isDirectory(at(step))) {
            return false;
        }
        pins.add(at(step));
        if (Files.isDirectory(at(step))) {
            return true;
        }
        pins.remove(at(step));
        return false;
    }

    /** Takes the pin away, if there is one. */
    public void unpin(long step) throws IOException {
        pins.remove(at(step));
    }

    /** Removes a checkpoint, unless it is pinned. */
    public void remove(long step) throws IOException {
        discard(at(step));
    }

    /**
     * Why a checkpoint is not what was written; empty when it is, to the last bit.
     *
     * @param pulse called now and then while its files are read; what it throws ends that
     */
    public Optional<String> damage(long step, Runnable pulse) throws IOException {
        return CheckpointDamage.of(at(step), pulse);
    }

    /**
     * Begins a checkpoint.
     *
     * @param step of the job; a checkpoint of the same step is replaced
     * @param retention which others stay
     */
    public CheckpointWriter begin(long step, Retention retention) throws IOException {
        createDurably(folder);
        Path temporary = folder.resolve("." + name(step) + ".saving");
        if (Files.exists(temporary)) {
            deleteFolder(temporary);
        }
        files.createFolder(temporary);
        return new CheckpointWriter(this, files, temporary, step, retention);
    }

    /** Removes all checkpoints but those that are pinned or kept, and what an interrupted commit has left. */
    public void clear(Retention retention) throws IOException {
        tidy();
        prune(retention);
    }

    void publish(Path temporary, long step, Retention retention) throws IOException {
        Path checkpoint = at(step);
        Optional<Path> old = Files.exists(checkpoint) ? Optional.of(hide(checkpoint)) : Optional.empty();
        files.rename(temporary, checkpoint);
        files.syncFolder(folder);
        if (old.isPresent()) {
            deleteFolder(old.get());
        }
        prune(retention);
    }

    private void prune(Retention retention) throws IOException {
        List<Path> all = newestFirst();
        all.removeIf(pins::has);
        List<Path> gone = new ArrayList<>(all);
        gone.removeAll(retention.kept(all));
        for (Path checkpoint : gone) {
            discard(checkpoint);
        }
    }

    /** Removes what an interrupted change has left; what is pinned and was out of sight only comes back. */
    private void tidy() throws IOException {
        for (Path child : children()) {
            String name = child.getFileName().toString();
            if (name.startsWith(".")) {
                Path shown = folder.resolve(name.substring(1).replaceFirst("[.]deleted$", ""));
                boolean whole = NAME.matcher(shown.getFileName().toString()).matches();
                if (whole && pins.has(shown) && !Files.exists(shown)) {
                    files.rename(child, shown);
                } else {
                    deleteFolder(child);
                }
            }
        }
    }

    /** Why a checkpoint does not count; empty when it does. */
    private static Optional<String> problem(Path checkpoint) {
        try {
            return CheckpointDamage.atOnce(checkpoint).map(damage -> checkpoint + ": " + damage);
        } catch (IOException e) {
            return Optional.of(checkpoint + ": " + e.getMessage());
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

    /** Removes a checkpoint that is not pinned; also one that is pinned at this very moment stays. */
    private void discard(Path checkpoint) throws IOException {
        if (pins.has(checkpoint)) {
            return;
        }
        try {
            Path hidden = hide(checkpoint);
            if (pins.has(checkpoint)) {
                files.rename(hidden, checkpoint);
            } else {
                deleteFolder(hidden);
            }
        } catch (NoSuchFileException e) {
            if (Files.exists(checkpoint)) {
                throw e;
            }
        }
    }

    /** First out of sight, so that no half of a checkpoint is ever seen. */
    private void hideAndDelete(Path checkpoint) throws IOException {
        deleteFolder(hide(checkpoint));
    }

    private Path hide(Path checkpoint) throws IOException {
        Path hidden = folder.resolve("." + checkpoint.getFileName() + ".deleted");
        if (Files.exists(hidden)) {
            deleteFolder(hidden);
        }
        files.rename(checkpoint, hidden);
        return hidden;
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
