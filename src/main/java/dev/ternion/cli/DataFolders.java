package dev.ternion.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What commands do with a data folder without asking its server; given by the composition root. */
public interface DataFolders {
    /**
     * Writes a backup of a data folder, which a server may be using.
     *
     * @param file new one
     * @throws FolderException if it cannot be made
     */
    BackupFacts backup(Path data, Path file) throws IOException, FolderException;

    /**
     * Makes a data folder of a backup.
     *
     * @param data must not be there, or be empty
     * @throws java.nio.file.NoSuchFileException if there is no such backup
     * @throws FolderException if the backup is damaged or of a later version, or the folder is not empty; the folder is as it was
     */
    RestoreFacts restore(Path file, Path data) throws IOException, FolderException;

    /** Checks the database of a data folder, which a server may be using; nothing in it is changed. Throws nothing. */
    Check checkStore(Path data);

    /** Checks the PostgreSQL database that a settings file names, which a server may be using; nothing in it is changed. Throws nothing. */
    Check checkDatabase(Path settings);

    /** When the newest event of a job was written; empty when there is none, or the database cannot be read. */
    Optional<Instant> newestEvent(Path data);

    /**
     * What a backup holds.
     *
     * @param files files of the data folder
     * @param bytes size of the backup
     * @param models models in it
     * @param datasets data sets in it
     * @param lacks what jobs that have not ended need and the data folder lacks, for example "models/teacher (job a)"
     */
    record BackupFacts(int files, long bytes, int models, int datasets, List<String> lacks) {}

    /**
     * What was restored.
     *
     * @param created when the backup was made
     * @param files files of the data folder
     * @param lacks as in {@link BackupFacts}
     */
    record RestoreFacts(Instant created, int files, List<String> lacks) {}

    /** It cannot be done; the message says why and what to do. */
    final class FolderException extends Exception {
        private static final long serialVersionUID = 1L;

        /** The message is shown as it is. */
        public FolderException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
