package dev.ternion.cli;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Data folders that give fixed answers; one named {@code damaged} can be neither backed up nor restored. */
public final class FakeFolders implements DataFolders {
    @Override
    public BackupFacts backup(Path data, Path file) throws FolderException {
        refuse(data);
        return new BackupFacts(7, 1_500_000, 2, 1, List.of("models/gone (job a)"));
    }

    @Override
    public RestoreFacts restore(Path file, Path data) throws FolderException {
        refuse(file);
        return new RestoreFacts(Instant.parse("2026-11-27T23:00:00Z"), 7, List.of());
    }

    @Override
    public Check checkStore(Path data) {
        return Check.ok("store", "sound");
    }

    @Override
    public Check checkDatabase(Path settings) {
        return Check.ok("store", "database of " + settings);
    }

    @Override
    public Optional<Instant> newestEvent(Path data) {
        return Optional.empty();
    }

    private static void refuse(Path path) throws FolderException {
        if (path.endsWith("damaged")) {
            throw new FolderException(path + " is damaged", null);
        }
    }
}
