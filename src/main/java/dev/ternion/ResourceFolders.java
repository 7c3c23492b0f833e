package dev.ternion;

import dev.ternion.api.ResourceNames;
import dev.ternion.recipe.Workspace;
import dev.ternion.server.Listing;
import dev.ternion.server.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The models of a workspace, or its data sets. One that cannot be read hides no other, and the log has it once. */
final class ResourceFolders {
    private static final Logger LOG = LoggerFactory.getLogger(ResourceFolders.class);

    private final ResourceNames kind;
    private final Workspace workspace;
    private final Path parent;
    private final DurableCopies copies;
    private final Set<String> told = ConcurrentHashMap.newKeySet();

    private ResourceFolders(ResourceNames kind, Workspace workspace, Path parent, DurableCopies copies) {
        this.kind = kind;
        this.workspace = workspace;
        this.parent = parent;
        this.copies = copies;
    }

    /** Reads what is wanted of a folder. */
    interface Reader<T> {
        T read(String id, Path folder) throws IOException;
    }

    /** @param copies a model is told of when it is among them */
    static ResourceFolders models(Workspace workspace, DurableCopies copies) {
        return new ResourceFolders(ResourceNames.MODEL, workspace, workspace.models(), copies);
    }

    /** @param copies a data set is told of when it is among them */
    static ResourceFolders datasets(Workspace workspace, DurableCopies copies) {
        return new ResourceFolders(ResourceNames.DATASET, workspace, workspace.datasets(), copies);
    }

    /** @throws Refusal DATA_LOSS if it is there and cannot be read */
    <T> Optional<T> find(String id, Reader<T> reader) {
        if (!isThere(id)) {
            return Optional.empty();
        }
        try {
            T read = reader.read(id, parent.resolve(id));
            told.remove(id);
            return Optional.of(read);
        } catch (IOException e) {
            if (!isThere(id)) {
                return Optional.empty(); // it was deleted meanwhile
            }
            if (told.add(id)) {
                LOG.error("DATA_LOSS: {} {} cannot be read", kind.noun(), id, e);
            }
            throw Refusal.corrupt(kind, id, workspace.relative(String.valueOf(e.getMessage())));
        }
    }

    <T> Listing<T> list(Reader<T> reader) throws IOException {
        List<T> items = new ArrayList<>();
        List<String> corrupt = new ArrayList<>();
        for (String id : Folders.ids(parent)) {
            try {
                find(id, reader).ifPresent(items::add);
            } catch (Refusal e) {
                corrupt.add(id);
            }
        }
        return new Listing<>(items, corrupt);
    }

    private boolean isThere(String id) {
        return copies.has(id) && Files.isDirectory(parent.resolve(id));
    }
}
