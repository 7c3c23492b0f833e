package dev.ternion.artifact;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;

/**
 * A safetensors file, mapped: 8 bytes header length (little-endian), a JSON header, then the tensors without a gap.
 *
 * <p>Everything the header says is checked when the file is opened, so that a tensor that can be named can be read.
 * Files may be larger than 2 GiB, a single tensor may not. F32 tensors are views of the file.
 */
public final class SafetensorsFile extends MappedTensors {
    private final MappedFile file;
    private final Map<String, String> metadata;

    private SafetensorsFile(MappedFile file, SafetensorsHeader header) {
        super(file.path(), header.entries());
        this.file = file;
        this.metadata = Map.copyOf(header.metadata());
    }

    /** @throws ArtifactException for a file that breaks any rule of the format */
    public static SafetensorsFile open(Path path) throws IOException {
        MappedFile file = new MappedFile(path);
        try {
            return new SafetensorsFile(file, SafetensorsHeader.read(file));
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** The free text of the header's {@code __metadata__}; empty if there is none. */
    public Map<String, String> metadata() {
        return metadata;
    }

    @Override
    ByteBuffer load(TensorEntry entry) throws IOException {
        return file.region(entry.offset(), entry.size());
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
