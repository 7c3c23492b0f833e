package dev.ternion;

import dev.ternion.artifact.Durability;
import dev.ternion.artifact.OwnerFile;
import dev.ternion.server.Room;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import java.util.function.Supplier;

/** Folders that are imported: each is built out of sight, and is in its place whole, with its owner and its copy, or not at all. */
final class NewFolders {
    private static final String ENDING = ".importing";

    private final Path folders;
    private final DurableCopies copies;

    /** Removes what imports that were interrupted have left. */
    NewFolders(Path folders, DurableCopies copies) throws IOException {
        this.folders = folders;
        this.copies = copies;
        for (Path hidden : Folders.hidden(folders)) {
            if (hidden.getFileName().toString().endsWith(ENDING)) {
                Folders.remove(hidden);
            }
        }
    }

    /** Makes a folder that is not there yet. */
    interface Builder {
        void build(Path folder) throws IOException;
    }

    /**
     * Adds one.
     *
     * @param exists what is thrown if there is one of this id
     */
    void add(String id, Room room, Supplier<RuntimeException> exists, Builder builder) throws IOException {
        Path folder = folders.resolve(id);
        Files.createDirectories(folders);
        Path hidden = Files.createDirectory(folders.resolve("." + id + "." + UUID.randomUUID() + ENDING));
        try {
            Path built = hidden.resolve(id);
            builder.build(built);
            OwnerFile.write(built, room.owner());
            room.take(Folders.size(built), () -> {
                if (Files.exists(folder)) {
                    throw exists.get();
                }
                Files.move(built, folder, StandardCopyOption.ATOMIC_MOVE);
            });
            Durability.syncNames(folders);
        } finally {
            Folders.remove(hidden);
        }
        try {
            copies.keep(id);
        } catch (IOException | RuntimeException e) {
            Folders.delete(folder);
            throw e;
        }
    }
}
