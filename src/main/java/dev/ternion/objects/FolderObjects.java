package dev.ternion.objects;

import dev.ternion.artifact.Digests;
import dev.ternion.artifact.Durability;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Folders of one kind as objects: each file as {@code KIND/ID/SHA256}, and {@code KIND/ID/index}, a {@link FolderIndex}, which is put last
 * and removed first. A folder without an index is not there. One process writes; not two threads for the same id.
 */
public final class FolderObjects {
    /** How names of folders end that are being fetched; they begin with a dot. */
    public static final String FETCHING = ".fetching";

    private static final Logger LOG = LoggerFactory.getLogger(FolderObjects.class);
    private static final String INDEX = "/index";
    private static final int READ_AT_ONCE = 1 << 16;

    private final ObjectStore store;
    private final String kind;
    private final Path work;

    /**
     * @param kind first part of all names
     * @param work folder for this alone, in the file system of the folders that are sent: emptied now
     */
    public FolderObjects(ObjectStore store, String kind, Path work) throws IOException {
        this.store = store;
        this.kind = kind + "/";
        this.work = work;
        Files.createDirectories(work);
        try (Stream<Path> left = Files.list(work)) {
            for (Path file : left.toList()) {
                Files.delete(file);
            }
        }
    }

    /**
     * What there is.
     *
     * @param whole folders by id, all of whose objects are there
     * @param damaged ids of those that lack an object or a readable index
     */
    public record Found(SortedMap<String, FolderIndex> whole, Set<String> damaged) {}

    /** All folders. Objects that belong to none are removed: what an interrupted call has left. */
    public Found begin() throws IOException {
        Map<String, Set<String>> objects = new TreeMap<>();
        for (String name : store.list(kind)) {
            String id = name.substring(kind.length(), Math.max(kind.length(), name.lastIndexOf('/')));
            objects.computeIfAbsent(id, key -> new TreeSet<>()).add(name);
        }
        Found found = new Found(new TreeMap<>(), new TreeSet<>());
        for (var folder : objects.entrySet()) {
            begin(folder.getKey(), folder.getValue(), found);
        }
        return found;
    }

    private void begin(String id, Set<String> there, Found found) throws IOException {
        if (!there.contains(kind + id + INDEX)) {
            removeOthers(there, Set.of());
            return;
        }
        try {
            FolderIndex index = index(id);
            Set<String> needed = names(id, index);
            if (!there.containsAll(needed)) {
                throw new FolderDamage("objects are missing");
            }
            removeOthers(there, needed);
            found.whole().put(id, index);
        } catch (FolderDamage e) {
            LOG.error("DATA_LOSS: {} in the object store: {}", kind + id, e.getMessage());
            found.damaged().add(id);
        }
    }

    private FolderIndex index(String id) throws IOException {
        String name = kind + id + INDEX;
        try (InputStream in = store.open(name, 0)) {
            return FolderIndex.parse(name, in.readNBytes(FolderIndex.LONGEST + 1));
        }
    }

    private Set<String> names(String id, FolderIndex index) {
        Set<String> names = new HashSet<>(Set.of(kind + id + INDEX));
        index.files().values().forEach(file -> names.add(object(id, file)));
        return names;
    }

    private String object(String id, FolderIndex.Entry file) {
        return kind + id + "/" + file.sha256();
    }

    private void removeOthers(Iterable<String> there, Set<String> needed) {
        for (String name : there) {
            if (!needed.contains(name)) {
                try {
                    store.delete(name);
                } catch (IOException e) {
                    LOG.warn("object {} is not needed and stays until the next start: {}", name, e.getMessage());
                }
            }
        }
    }

    /**
     * Stores a folder, in place of an earlier one of this id. When it returns, it is all there; when it fails, the earlier one is, or the
     * new one, whole. What an earlier call has sent is not sent again.
     */
    public FolderIndex send(String id, Path folder) throws IOException {
        FolderIndex index = FolderIndex.of(folder);
        List<String> there = store.list(kind + id + "/");
        Set<String> sent = new HashSet<>(there);
        for (var file : index.files().entrySet()) {
            String name = object(id, file.getValue());
            if (sent.add(name)) {
                Path link = scratch();
                Files.createLink(link, folder.resolve(file.getKey()));
                put(name, link, file.getValue().sha256());
            }
        }
        byte[] bytes = index.bytes();
        put(kind + id + INDEX, Files.write(scratch(), bytes), Digests.sha256(bytes));
        removeOthers(there, names(id, index));
        return index;
    }

    private Path scratch() throws IOException {
        Path file = Files.createTempFile(work, "send", "");
        Files.delete(file);
        return file;
    }

    private void put(String name, Path file, String sha256) throws IOException {
        try {
            store.put(name, file, sha256);
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /**
     * Brings a folder back, durably and whole or not at all, in place of what is there.
     *
     * @param index as {@link #begin} or {@link #send} has given it
     * @throws FolderDamage if an object is missing or has other bytes
     */
    public void fetch(String id, FolderIndex index, Path folder) throws IOException {
        Files.createDirectories(folder.getParent());
        Path hidden = folder.resolveSibling("." + folder.getFileName() + FETCHING);
        delete(hidden);
        try {
            Files.createDirectory(hidden);
            for (var file : index.files().entrySet()) {
                fetch(object(id, file.getValue()), file.getValue(), hidden.resolve(file.getKey()));
            }
            index.restoreTimes(hidden);
            Durability.syncFiles(hidden);
            delete(folder);
            Files.move(hidden, folder, StandardCopyOption.ATOMIC_MOVE);
            Durability.syncNames(folder.getParent());
        } finally {
            delete(hidden);
        }
    }

    private void fetch(String name, FolderIndex.Entry wanted, Path file) throws IOException {
        MessageDigest digest = Digests.newSha256();
        long size = 0;
        try (OutputStream out = Files.newOutputStream(file);
                ResumedInput in = new ResumedInput(store, name)) {
            byte[] bytes = new byte[READ_AT_ONCE];
            for (int n = in.read(bytes); n >= 0 && size <= wanted.size(); n = in.read(bytes)) {
                digest.update(bytes, 0, n);
                out.write(bytes, 0, n);
                size += n;
            }
        } catch (NoSuchFileException e) {
            throw new FolderDamage(name + " is missing");
        }
        String seen = HexFormat.of().formatHex(digest.digest());
        if (size != wanted.size() || !seen.equals(wanted.sha256())) {
            throw new FolderDamage(
                    name + " has " + size + " bytes with SHA-256 " + seen + ", wanted " + wanted.size() + " bytes");
        }
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            List<Path> inside = new ArrayList<>();
            try (Stream<Path> all = Files.list(folder)) {
                all.forEach(inside::add);
            }
            for (Path file : inside) {
                Files.delete(file);
            }
            Files.delete(folder);
        }
    }

    /**
     * Removes a folder. When it fails, the folder may be gone or not; the same call goes on.
     *
     * @throws IOException if its index could not be removed
     */
    public void remove(String id) throws IOException {
        store.delete(kind + id + INDEX);
        try {
            removeOthers(store.list(kind + id + "/"), Set.of());
        } catch (IOException e) {
            LOG.warn("objects of {} stay until the next start: {}", kind + id, e.getMessage());
        }
    }
}
