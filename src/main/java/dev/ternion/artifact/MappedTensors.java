package dev.ternion.artifact;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Collections;
import java.util.Map;
import java.util.Set;

/** The part of {@link TensorSource} that is the same for every file: looking names up, and widening to f32. */
abstract class MappedTensors implements TensorSource {
    private final Object file;
    private final Map<String, TensorEntry> entries;

    /**
     * @param file for messages
     * @param entries checked against the file, in the order of the data; {@code shape} is what callers see
     */
    MappedTensors(Object file, Map<String, TensorEntry> entries) {
        this.file = file;
        this.entries = Collections.unmodifiableMap(entries);
    }

    /** The bytes of a tensor as {@link TensorSource#bytes} promises them. */
    abstract ByteBuffer load(TensorEntry entry) throws IOException;

    final TensorEntry entry(String name) throws ArtifactException {
        TensorEntry entry = entries.get(name);
        if (entry == null) {
            throw ArtifactException.of(
                    file,
                    "tensor \"" + name + "\"",
                    "no tensor of this name",
                    "one of its " + entries.size() + " names",
                    "Check that the file belongs to this kind of model.");
        }
        return entry;
    }

    @Override
    public final Set<String> names() {
        return entries.keySet();
    }

    @Override
    public final long[] shape(String name) throws IOException {
        return entry(name).shape().clone();
    }

    @Override
    public final String dtype(String name) throws IOException {
        return entry(name).dtype().name();
    }

    @Override
    public final FloatBuffer read(String name) throws IOException {
        TensorEntry entry = entry(name);
        entry.requireFloating(file);
        return FloatBytes.toFloats(bytes(name), entry.dtype());
    }

    @Override
    public final ByteBuffer bytes(String name) throws IOException {
        TensorEntry entry = entry(name);
        if (entry.size() > TensorEntry.LARGEST) {
            throw ArtifactException.of(
                    file,
                    "tensor \"" + name + "\": bytes",
                    entry.size(),
                    "at most " + TensorEntry.LARGEST,
                    "Store it as several tensors.");
        }
        return load(entry);
    }
}
