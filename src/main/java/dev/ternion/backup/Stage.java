package dev.ternion.backup;

import dev.ternion.artifact.Manifest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * A data folder as it is at one moment, in a folder that nobody else changes: a copy of its database, and hard links to the files of its
 * models, data sets and checkpoints. Those are written under another name, appear by a rename and are not changed after; so a link is
 * a copy that costs nothing and that no delete takes away.
 *
 * <p>The database is copied first, then the files, so that what the database names is there. What the server does between the two:
 * something new appears: the database does not name it, which does no harm. Something is deleted: what is left is as if it had been deleted
 * before, unless a job of the copy that is not final reads it. That is looked for, in the copy itself, and then all is made again. A
 * job that lacked the same in the round before was not final for all of that round, so the server deleted nothing of it: the folder
 * itself lacks it, and the stage is as good as the folder.
 */
final class Stage {
    /** Folders of the data folder, with how deep their units lie: a unit is a folder of files that appears and goes as a whole. */
    static final Map<String, Integer> PLACES = Map.of("models", 1, "datasets", 1, "checkpoints", 2);

    private static final int ROUNDS = 10;
    private static final int TRIES = 20;
    private static final String CHECKPOINTS = "checkpoints";

    private final Path data;
    private final Path stage;
    private final JobsFile jobs;
    private final Clock clock;

    /**
     * @param data data folder
     * @param stage empty folder in the same file system
     */
    Stage(Path data, Path stage, JobsFile jobs, Clock clock) {
        this.data = data;
        this.stage = stage;
        this.jobs = jobs;
        this.clock = clock;
    }

    /**
     * What was staged.
     *
     * @param created when the database was copied
     * @param lacks what jobs that are not final need and the data folder lacks
     */
    record Staged(Instant created, List<String> lacks) {}

    /** @throws BackupException if the folder changes too fast, or has what a backup cannot hold */
    Staged fill() throws IOException {
        Set<String> before = Set.of();
        for (int round = 0; round < ROUNDS; round++) {
            Trees.clear(stage);
            Set<String> withCheckpoints = children(data.resolve(CHECKPOINTS));
            Instant created = clock.instant();
            jobs.copy(data, stage.resolve(JobsFile.NAME));
            for (String place : new TreeSet<>(PLACES.keySet())) {
                link(data.resolve(place), stage.resolve(place), PLACES.get(place));
            }
            Map<String, Set<String>> missing = missing(jobs.needs(stage), withCheckpoints);
            Set<String> now = new TreeSet<>();
            missing.forEach((job, folders) -> folders.forEach(folder -> now.add(folder + " (job " + job + ")")));
            if (before.containsAll(now)) {
                return new Staged(created, List.copyOf(now));
            }
            before = now;
        }
        throw new BackupException(
                "jobs, models and data sets of " + data + " come and go faster than they can be copied; try again");
    }

    private Map<String, Set<String>> missing(Map<String, Set<String>> needs, Set<String> withCheckpoints)
            throws IOException {
        Map<String, Set<String>> missing = new HashMap<>();
        for (Map.Entry<String, Set<String>> need : needs.entrySet()) {
            Set<String> folders = new HashSet<>(need.getValue());
            if (withCheckpoints.contains(need.getKey())) {
                folders.add(CHECKPOINTS + "/" + need.getKey());
            }
            for (String folder : folders) {
                if (children(stage.resolve(folder)).isEmpty()) {
                    missing.computeIfAbsent(need.getKey(), job -> new TreeSet<>())
                            .add(folder);
                }
            }
        }
        return missing;
    }

    private void link(Path from, Path to, int depth) throws IOException {
        if (depth == 0) {
            linkUnit(from, to);
            return;
        }
        for (String name : children(from)) {
            link(from.resolve(name), to.resolve(name), depth - 1);
        }
    }

    /** A unit that goes away meanwhile is left out, one that another takes the place of is begun again. */
    private void linkUnit(Path unit, Path to) throws IOException {
        if (Files.isRegularFile(unit)) {
            linkFile(unit, to);
            return;
        }
        for (int i = 0; i < TRIES; i++) {
            try {
                Files.createDirectories(to);
                Trees.clear(to);
                for (String name : children(unit)) {
                    Files.createLink(to.resolve(name), unit.resolve(name));
                }
                // The links keep files from going, so that a file with the same key is the same file.
                if (keys(unit).equals(keys(to)) && isWhole(to)) {
                    return;
                }
            } catch (NoSuchFileException e) {
                // it went away, or another takes its place
            }
            if (!Files.isDirectory(unit)) {
                Trees.delete(to);
                return;
            }
        }
        throw new BackupException(unit + " does not stay as it is, or its manifest names other files than it has;"
                + " remove it or import it again");
    }

    /** A file beside the units: the pin of a checkpoint. */
    private static void linkFile(Path file, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        Files.deleteIfExists(to);
        try {
            Files.createLink(to, file);
        } catch (NoSuchFileException e) {
            // it went away
        }
    }

    /** Whether all files are there that the manifest names, if there is one. */
    private static boolean isWhole(Path unit) throws IOException {
        return !Files.exists(unit.resolve(Manifest.NAME))
                || children(unit).containsAll(Manifest.read(unit).files().keySet());
    }

    private static Map<String, Object> keys(Path folder) throws IOException {
        Map<String, Object> keys = new HashMap<>();
        for (String name : children(folder)) {
            keys.put(name, Files.getAttribute(folder.resolve(name), "fileKey"));
        }
        return keys;
    }

    /** Names in a folder, which need not be there; hidden ones are unfinished writes. */
    private static Set<String> children(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            Set<String> names = new TreeSet<>();
            for (Path path : new ArrayList<>(all.toList())) {
                String name = path.getFileName().toString();
                if (!name.startsWith(".")) {
                    names.add(name);
                }
            }
            return names;
        } catch (NoSuchFileException | NotDirectoryException e) {
            return Set.of();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
