package dev.ternion.training;

import dev.ternion.backend.Block;
import dev.ternion.tensor.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Values of a tensor that are read when they are asked for, so that a whole state need not be in memory.
 *
 * @param shape extents
 * @param source gives the values
 */
public record TensorValues(Shape shape, Source source) {
    /** Gives f32 values in row-major order, little-endian, in a direct buffer from position to limit. */
    public interface Source {
        ByteBuffer read() throws IOException;
    }

    /** What the block holds when it is asked. */
    static TensorValues of(Shape shape, Block block) {
        return new TensorValues(shape, () -> read(block));
    }

    /** All floats of a REAL block, as {@link Source} gives them. */
    public static ByteBuffer read(Block block) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(Math.toIntExact(block.count() * Float.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        block.device().read(block, bytes.asFloatBuffer());
        return bytes;
    }

    /** Sets all floats of a REAL block. */
    void writeTo(Block block) throws IOException {
        ByteBuffer bytes = source.read();
        if (bytes.remaining() != block.count() * Float.BYTES) {
            throw new IOException(bytes.remaining() + " bytes stored for a tensor of " + block.count()
                    + " floats: the state is that of another model");
        }
        block.device().write(block, bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer());
    }
}
