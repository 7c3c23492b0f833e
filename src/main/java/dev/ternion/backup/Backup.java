package dev.ternion.backup;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.List;
import java.util.Set;

/** Makes a backup of a data folder, whether a server works on it or not. */
public final class Backup {
    private static final String LOCK = "backup.lock";
    private static final String STAGE = "backup-stage";

    private final JobsFile jobs;
    private final Clock clock;

    /** @param jobs opens databases */
    public Backup(JobsFile jobs, Clock clock) {
        this.jobs = jobs;
        this.clock = clock;
    }

    /**
     * What a backup holds.
     *
     * @param files of the data folder
     * @param bytes of the backup
     * @param models ids
     * @param datasets ids
     * @param lacks what jobs that are not final need and the data folder lacks, such as {@code models/teacher (job a)}
     */
    public record Summary(int files, long bytes, int models, int datasets, List<String> lacks) {}

    /**
     * Writes a backup: the file appears complete, on disk, readable by its owner alone, or not at all.
     *
     * @param data data folder
     * @param file must not be there
     * @throws BackupException if there is no data folder or the file is there; if another backup of the folder is being made; if the
     *     database is damaged
     */
    public Summary write(Path data, Path file) throws IOException {
        if (!Files.isRegularFile(data.resolve(JobsFile.NAME))) {
            throw new BackupException(data + " is no data folder: it has no " + JobsFile.NAME);
        }
        if (Files.exists(file)) {
            throw new BackupException(file + " is there already; choose another name");
        }
        Path cache = Files.createDirectories(data.resolve("cache"));
        try (FileChannel channel =
                        FileChannel.open(cache.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = lock(channel)) {
            if (lock == null) {
                throw new BackupException("another backup of " + data + " is being made; wait for it");
            }
            Path stage = cache.resolve(STAGE);
            Trees.delete(stage);
            Files.createDirectory(stage, mode("rwx------"));
            try {
                return write(stage, data, file);
            } finally {
                Trees.delete(stage);
            }
        }
    }

    private Summary write(Path stage, Path data, Path file) throws IOException {
        Stage.Staged staged = new Stage(data, stage, jobs, clock).fill();
        String schema = jobs.check(stage);
        Path folder = file.toAbsolutePath().getParent();
        Path part = folder.resolve("." + file.getFileName() + ".part");
        Files.deleteIfExists(part);
        try {
            BackupManifest manifest;
            try (FileChannel channel = FileChannel.open(
                    part, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), mode("rw-------"))) {
                OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
                BackupWriter writer = new BackupWriter(out);
                for (Path path : Trees.files(stage)) {
                    writer.add(stage.relativize(path).toString(), path);
                }
                manifest = writer.end(staged.created(), schema, staged.lacks());
                out.flush();
                channel.force(true);
            }
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
            Trees.syncOne(folder);
            return new Summary(
                    manifest.files().size(),
                    Files.size(file),
                    count(manifest, "models"),
                    count(manifest, "datasets"),
                    manifest.lacks());
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private static int count(BackupManifest manifest, String place) {
        return (int) manifest.files().keySet().stream()
                .map(name -> name.split("/"))
                .filter(parts -> parts[0].equals(place))
                .map(parts -> parts[1])
                .distinct()
                .count();
    }

    private static FileAttribute<Set<PosixFilePermission>> mode(String permissions) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
    }

    private static FileLock lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }
}
