package dev.ternion.artifact;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A checkpoint that is being written, under a name that no reader looks at. {@link #commit} makes it one: each file is on
 * disk by then, the manifest last, then comes a rename. Closed without it, it leaves nothing.
 */
public final class CheckpointWriter implements AutoCloseable {
    private final CheckpointFolder owner;
    private final FileOperations files;
    private final Path temporary;
    private final long step;
    private final List<String> names = new ArrayList<>();

    CheckpointWriter(CheckpointFolder owner, FileOperations files, Path temporary, long step) {
        this.owner = owner;
        this.files = files;
        this.temporary = temporary;
        this.step = step;
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

    /** From here on it exists, and those that are no longer kept do not. */
    public void commit() throws IOException {
        Manifest.of(temporary, names, "", "", Optional.empty()).write(files, temporary);
        owner.publish(temporary, step);
    }

    @Override
    public void close() throws IOException {
        if (Files.exists(temporary)) {
            owner.deleteFolder(temporary);
        }
    }
}
