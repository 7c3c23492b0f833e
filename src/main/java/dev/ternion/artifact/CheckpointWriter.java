package dev.ternion.artifact;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A checkpoint that is being written, under a name that no reader looks at. {@link #commit} makes it one: each file is on
 * disk by then, the manifest last, then comes a rename. Closed without it, it leaves nothing.
 */
public final class CheckpointWriter implements AutoCloseable {
    private final CheckpointFolder owner;
    private final FileOperations files;
    private final Path temporary;
    private final long step;
    private final CheckpointFolder.Retention retention;
    private final List<String> names = new ArrayList<>();
    private final SortedMap<String, Manifest.Entry> linked = new TreeMap<>();

    CheckpointWriter(
            CheckpointFolder owner,
            FileOperations files,
            Path temporary,
            long step,
            CheckpointFolder.Retention retention) {
        this.owner = owner;
        this.files = files;
        this.temporary = temporary;
        this.step = step;
        this.retention = retention;
    }

    /** A file of tensors; its {@link SafetensorsWriter#write} is to be called before {@link #commit}. */
    public SafetensorsWriter tensors(String name) {
        names.add(name);
        return new SafetensorsWriter(files, temporary.resolve(name));
    }

    /** A file with this content. */
    public void write(String name, byte[] content) throws IOException {
        names.add(name);
        AtomicFile.write(files, temporary.resolve(name), content);
    }

    /**
     * A file of another checkpoint, under a second name: the bytes are shared, and on disk already.
     *
     * @param entry what that checkpoint's manifest says of it
     */
    public void link(String name, Path file, Manifest.Entry entry) throws IOException {
        files.link(temporary.resolve(name), file);
        linked.put(name, entry);
    }

    /** From here on it exists, and those that are no longer kept do not. */
    public void commit() throws IOException {
        SortedMap<String, Manifest.Entry> all = new TreeMap<>(linked);
        all.putAll(Manifest.of(temporary, names, "", "", Optional.empty()).files());
        new Manifest(all, "", "", Optional.empty()).write(files, temporary);
        owner.publish(temporary, step, retention);
    }

    @Override
    public void close() throws IOException {
        if (Files.exists(temporary)) {
            owner.deleteFolder(temporary);
        }
    }
}
