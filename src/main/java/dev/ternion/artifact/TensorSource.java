package dev.ternion.artifact;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Set;

/**
 * A file of named tensors, opened and checked; reading one never needs the others in memory.
 *
 * <p>Asking for a name that is not in {@link #names()} is an {@link ArtifactException}. Returned buffers stay valid
 * after {@link #close()}; they may be views of the file, and are then read-only, so the file must not be changed in
 * place.
 */
public interface TensorSource extends Closeable {
    /** Names in the order of the data. */
    Set<String> names();

    /** Extents, outermost first; empty for a scalar. A fresh array. */
    long[] shape(String name) throws IOException;

    /** Element type as safetensors spells it: {@code F32}, {@code BF16}, {@code I64}, … */
    String dtype(String name) throws IOException;

    /**
     * The values as f32, row-major: direct, native order, position 0. F16 and BF16 are widened (exact), F64 is rounded.
     *
     * @throws ArtifactException for a tensor that is not of a floating type, or is damaged
     */
    FloatBuffer read(String name) throws IOException;

    /** The values in their own type, row-major, little-endian: direct, position 0. At most 2 GiB. */
    ByteBuffer bytes(String name) throws IOException;
}
