package dev.ternion;

import dev.ternion.artifact.AtomicFile;
import dev.ternion.artifact.FileOperations;
import dev.ternion.store.DatabaseFile;
import dev.ternion.store.JobDatabase;
import dev.ternion.store.PostgresSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The database of jobs of a data folder: {@code jobs.db} in it, or one on PostgreSQL, which {@code jobs.database} names. A folder and
 * its database stay together: with another one, its checkpoints would be those of no job.
 */
final class LocalJobs {
    private static final String ELSEWHERE = "jobs.database";

    private LocalJobs() {}

    /**
     * Opens it.
     *
     * @param settings of a database on PostgreSQL
     * @throws IOException saying what to do, if it cannot be used or is not that of the folder
     */
    static JobDatabase open(Path folder, Optional<Path> settings, Consumer<RuntimeException> onFatal)
            throws IOException {
        Optional<String> known = databaseOf(folder);
        if (settings.isEmpty()) {
            if (known.isPresent()) {
                throw new IOException("the jobs of " + folder + " are in " + known.get()
                        + "; name its settings with --database FILE, or choose another folder");
            }
            return JobDatabase.inFolder(folder, onFatal);
        }
        Path file = folder.resolve(DatabaseFile.NAME);
        if (Files.exists(file)) {
            throw new IOException(
                    file + " holds the jobs of this folder, which --database would not see; choose another folder,"
                            + " or move it away to begin without them");
        }
        PostgresSettings postgres = PostgresSettings.read(settings.get(), System::getenv);
        JobDatabase jobs = JobDatabase.onPostgres(postgres, onFatal);
        try {
            bind(folder, postgres + ", id " + jobs.id().orElseThrow());
            return jobs;
        } catch (IOException | RuntimeException e) {
            jobs.close();
            throw e;
        }
    }

    private static void bind(Path folder, String database) throws IOException {
        Optional<String> known = databaseOf(folder);
        if (known.isEmpty() || !id(known.get()).equals(id(database))) {
            if (known.isPresent()) {
                throw new IOException("the jobs of " + folder + " are in another database, " + known.get() + ", not in "
                        + database + "; name that one with --database, or choose another folder");
            }
            AtomicFile.write(
                    FileOperations.REAL, folder.resolve(ELSEWHERE), (database + "\n").getBytes(StandardCharsets.UTF_8));
        }
    }

    private static String id(String database) {
        return database.substring(database.lastIndexOf(' ') + 1);
    }

    /** Where the jobs of a folder are when not in it, for people; its last word tells the database from all others. */
    static Optional<String> databaseOf(Path folder) throws IOException {
        try {
            return Optional.of(Files.readString(folder.resolve(ELSEWHERE)).strip());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }
}
