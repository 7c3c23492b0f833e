package dev.ternion;

import dev.ternion.backup.Backup;
import dev.ternion.backup.BackupException;
import dev.ternion.backup.JobsFile;
import dev.ternion.backup.Restore;
import dev.ternion.cli.Check;
import dev.ternion.cli.DataFolders;
import dev.ternion.store.DatabaseFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;

/** Data folders of this machine. */
final class LocalFolders implements DataFolders {
    private final JobsFile jobs = new StoredJobsFile();

    @Override
    public BackupFacts backup(Path data, Path file) throws IOException, FolderException {
        try {
            Optional<String> database = LocalJobs.databaseOf(data);
            if (database.isPresent()) {
                throw new BackupException(
                        "the jobs of " + data + " are in " + database.get()
                                + ", which `backup` does not hold. Stop the server, run pg_dump, and copy the folder; see OPERATIONS.md");
            }
            Backup.Summary made = new Backup(jobs, Clock.systemUTC()).write(data, file);
            return new BackupFacts(made.files(), made.bytes(), made.models(), made.datasets(), made.lacks());
        } catch (BackupException e) {
            throw new FolderException(e.getMessage(), e);
        }
    }

    @Override
    public Check checkStore(Path data) {
        return new StoreCheck(data).run();
    }

    @Override
    public Check checkDatabase(Path settings) {
        return DatabaseCheck.run(settings);
    }

    @Override
    public Optional<Instant> newestEvent(Path data) {
        try {
            return new DatabaseFile(data).newestEvent();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    @Override
    public RestoreFacts restore(Path file, Path data) throws IOException, FolderException {
        try {
            Restore.Summary made = new Restore(jobs).read(file, data);
            return new RestoreFacts(made.created(), made.files(), made.lacks());
        } catch (BackupException e) {
            throw new FolderException(e.getMessage(), e);
        }
    }
}
