package dev.ternion;

import dev.ternion.objects.FolderDamage;
import dev.ternion.objects.FolderIndex;
import dev.ternion.objects.FolderObjects;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies as objects. A marker, an empty file of the folder's name, says that a copy was made: a folder with a marker and without a copy
 * was deleted, one without both was never sent.
 */
final class BucketCopies implements DurableCopies {
    private static final Logger LOG = LoggerFactory.getLogger(BucketCopies.class);

    private final FolderObjects objects;
    private final Path folders;
    private final Path markers;
    private final Runnable fence;
    private final Set<String> present = ConcurrentHashMap.newKeySet();
    private final Set<String> busy = new HashSet<>();

    /**
     * Makes folders and copies agree, where an earlier server was interrupted or worked on another data folder: what was never sent is
     * sent, what was deleted is deleted, and what is missing or other than its copy is fetched.
     *
     * @param folders one for each id
     * @param markers folder for this alone
     * @param fence throws unless this server is still the one that may write; a copy counts only after it
     */
    BucketCopies(FolderObjects objects, Path folders, Path markers, Runnable fence) throws IOException {
        this.objects = objects;
        this.folders = folders;
        this.markers = markers;
        this.fence = fence;
        Files.createDirectories(markers);
        FolderObjects.Found found = objects.begin();
        for (Path hidden : Folders.hidden(folders)) {
            if (hidden.getFileName().toString().endsWith(FolderObjects.FETCHING)) {
                Folders.remove(hidden);
            }
        }
        Set<String> all = new TreeSet<>(Folders.ids(folders));
        all.addAll(found.whole().keySet());
        all.addAll(marked());
        for (String id : all) {
            begin(id, found);
        }
    }

    private void begin(String id, FolderObjects.Found found) throws IOException {
        FolderIndex copy = found.whole().get(id);
        Path folder = folders.resolve(id);
        if (copy != null) {
            fetch(id, copy, folder);
        } else if (Files.isDirectory(folder) && (found.damaged().contains(id) || !Files.exists(marker(id)))) {
            LOG.info("{} {} is sent to the object store", folders.getFileName(), id);
            keep(id);
        } else if (!found.damaged().contains(id)) {
            LOG.info("{} {} was deleted in the object store, and is here", folders.getFileName(), id);
            if (Files.isDirectory(folder)) {
                Folders.delete(folder);
            }
            Files.deleteIfExists(marker(id));
        }
    }

    private void fetch(String id, FolderIndex copy, Path folder) throws IOException {
        try {
            if (!copy.looksLike(folder)) {
                LOG.info("{} {} is fetched from the object store", folders.getFileName(), id);
                objects.fetch(id, copy, folder);
            }
            mark(id);
        } catch (FolderDamage e) {
            LOG.error("DATA_LOSS: {} {} is left out: {}", folders.getFileName(), id, e.getMessage());
        }
    }

    @Override
    public boolean has(String id) {
        return present.contains(id);
    }

    @Override
    public void keep(String id) throws IOException {
        alone(id, () -> {
            objects.send(id, folders.resolve(id));
            fence.run();
            mark(id);
        });
    }

    @Override
    public void remove(String id, Removal local) throws IOException {
        alone(id, () -> {
            objects.remove(id);
            present.remove(id);
            local.run();
            Files.deleteIfExists(marker(id));
        });
    }

    private void mark(String id) throws IOException {
        if (!Files.exists(marker(id))) {
            Files.createFile(marker(id));
        }
        present.add(id);
    }

    private Path marker(String id) {
        return markers.resolve(id);
    }

    private List<String> marked() throws IOException {
        try (Stream<Path> all = Files.list(markers)) {
            return all.map(file -> file.getFileName().toString()).toList();
        }
    }

    /** One call at a time for each id. */
    private void alone(String id, Removal call) throws IOException {
        synchronized (busy) {
            try {
                while (!busy.add(id)) {
                    busy.wait();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }
        try {
            call.run();
        } finally {
            synchronized (busy) {
                busy.remove(id);
                busy.notifyAll();
            }
        }
    }
}
