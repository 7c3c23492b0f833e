package dev.ternion.artifact;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Which checkpoints of a folder are pinned: an empty file {@code step-000000000042.pinned} beside each. Who removes a checkpoint puts
 * it out of sight and looks for its pin after that; who pins writes the pin and looks for the checkpoint after that. So one of
 * the two sees the other, and no lock is held between processes.
 */
final class CheckpointPins {
    private final Path folder;
    private final FileOperations files;

    CheckpointPins(Path folder, FileOperations files) {
        this.folder = folder;
        this.files = files;
    }

    boolean has(Path checkpoint) {
        return Files.exists(marker(checkpoint));
    }

    /** On disk when it returns. */
    void add(Path checkpoint) throws IOException {
        try (FileChannel file = files.create(marker(checkpoint))) {
            files.sync(file);
        } catch (FileAlreadyExistsException e) {
            // it is pinned
        }
        files.syncFolder(folder);
    }

    void remove(Path checkpoint) throws IOException {
        if (has(checkpoint)) {
            files.delete(marker(checkpoint));
            files.syncFolder(folder);
        }
    }

    private Path marker(Path checkpoint) {
        return folder.resolve(checkpoint.getFileName() + ".pinned");
    }
}
