package dev.ternion.backup;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/** Makes a data folder of a backup. */
public final class Restore {
    private final JobsFile jobs;

    /** @param jobs opens databases */
    public Restore(JobsFile jobs) {
        this.jobs = jobs;
    }

    /**
     * What was restored.
     *
     * @param created when the backup's database was copied
     * @param files in the folder
     * @param lacks as in {@link Backup.Summary}
     */
    public record Summary(Instant created, int files, List<String> lacks) {}

    /**
     * Makes the folder, readable by its owner alone: beside it under another name, checked to the last bit, synced, then renamed.
     *
     * @param file a backup
     * @param data must not be there, or be empty
     * @throws NoSuchFileException if there is no such file
     * @throws BackupException if the folder is not empty, the backup is damaged or of a later version, or there is no room; the
     *     folder is as it was
     */
    public Summary read(Path file, Path data) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new NoSuchFileException(file.toString());
        }
        requireEmpty(data);
        Path target = data.toAbsolutePath().normalize();
        Path parent = Files.createDirectories(target.getParent());
        requireRoom(file, parent);
        Path temporary = Files.createTempDirectory(parent, "." + target.getFileName() + ".restoring-");
        try {
            BackupManifest manifest = unpack(file, temporary);
            jobs.check(temporary);
            jobs.renew(temporary);
            Trees.sync(temporary);
            requireEmpty(data);
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            Trees.syncOne(parent);
            return new Summary(manifest.created(), manifest.files().size(), manifest.lacks());
        } finally {
            Trees.delete(temporary);
        }
    }

    private static BackupManifest unpack(Path file, Path folder) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            return new BackupReader(in, name -> {
                        Path path = folder.resolve(name);
                        Files.createDirectories(path.getParent());
                        return Files.newOutputStream(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                    })
                    .read();
        } catch (BackupException e) {
            throw new BackupException(file + ": " + e.getMessage() + "; use another backup", e);
        }
    }

    private static void requireEmpty(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> inside = Files.isDirectory(folder) ? Files.list(folder) : Stream.of(folder)) {
            if (inside.findAny().isPresent()) {
                throw new BackupException(
                        folder + " is not empty; restore into a new folder, then put it in its place");
            }
        }
    }

    private static void requireRoom(Path file, Path parent) throws IOException {
        long free = Files.getFileStore(parent).getUsableSpace();
        if (free < Files.size(file)) {
            throw new BackupException(
                    parent + " has " + free + " bytes free, wanted " + Files.size(file) + " for " + file);
        }
    }
}
