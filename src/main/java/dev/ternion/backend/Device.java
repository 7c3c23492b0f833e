package dev.ternion.backend;

import dev.ternion.backend.jni.Native;
import dev.ternion.backend.jni.NativeBackend;
import dev.ternion.backend.jni.NativeBuffer;
import dev.ternion.backend.jni.NativeRecording;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;

/** An open backend: memory, transfers, and through {@link #ops} the operations of the contract. One thread at a time. */
public final class Device implements AutoCloseable {
    private final String name;
    private NativeBackend backend;

    Device(String name, NativeBackend backend) {
        this.name = name;
        this.backend = backend;
    }

    /** The name it was opened with. */
    public String name() {
        return name;
    }

    /** What computes, for example "cpu AVX2, 2 threads". */
    public String description() {
        return ops().description().getString();
    }

    /** What a library has chosen for dense products so far, as {@code backend.h} tells it; empty where none chooses. */
    public List<String> denseAlgorithms() {
        return ops().dense_algorithms().getString().lines().toList();
    }

    /** Budget for live blocks in bytes; 0 means none. Beyond it {@link #allocate} throws {@link OutOfDeviceMemory}. */
    public void setBudget(long bytes) {
        ops().set_limit(bytes);
    }

    /** Largest number of bytes of live blocks since the last {@link #resetPeak}. */
    public long peakBytes() {
        return ops().bytes_peak();
    }

    /** Restarts {@link #peakBytes} at what is live now. */
    public void resetPeak() {
        ops().reset_peak();
    }

    /** The operations, as declared in {@code backend.h}. */
    public NativeBackend ops() {
        if (backend == null) {
            throw new BackendException("device \"" + name + "\" is closed");
        }
        return backend;
    }

    /** New memory with undefined contents. */
    public Block allocate(DType dtype, long count) {
        try {
            return new Block(this, dtype, count, ops().new_buffer(dtype.code, count));
        } catch (BackendException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new OutOfDeviceMemory(e.getMessage(), e);
        }
    }

    /** The budget or the system has no memory left for a buffer. */
    public static final class OutOfDeviceMemory extends BackendException {
        private static final long serialVersionUID = 1L;

        OutOfDeviceMemory(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * What is recorded.
     *
     * @param <E> what it throws
     */
    public interface Body<E extends Exception> {
        /** Calls the operations, in order. */
        void run() throws E;
    }

    /**
     * Notes the operations of {@code body} instead of running them; buffers that they name and that were there before must
     * still be there when the recording is replayed. Transfers in {@code body} throw.
     *
     * @return null when this device does not record: then nothing was called
     * @throws E of the body: then nothing is kept
     */
    public <E extends Exception> Recording record(Body<E> body) throws E {
        if (!ops().begin_recording()) {
            return null;
        }
        try {
            body.run();
            return new Recording(this, ops().end_recording());
        } finally {
            ops().abandon_recording();
        }
    }

    /** Starts to read the first {@code n} elements of an F64 block; operations started later are not waited for. */
    public PendingRead startRead(Block block, int n) {
        return new PendingRead(this, ops().start_read_f64(block.raw(), n), n);
    }

    void release(NativeRecording recording) {
        if (backend != null) {
            backend.release_recording(recording);
        }
    }

    void release(NativeBuffer buffer) {
        if (backend != null) {
            backend.release(buffer);
        }
    }

    /** Writes floats from a direct buffer, from its position to its limit, to the start of {@code block}. */
    public void write(Block block, FloatBuffer values) {
        requireDirect(values.isDirect());
        ops().write_f32(block.raw(), 0, new FloatPointer(values), values.remaining());
    }

    /** Reads all elements into a direct buffer at its position. */
    public void read(Block block, FloatBuffer values) {
        requireDirect(values.isDirect());
        ops().read_f32(new FloatPointer(values), block.raw(), 0, block.count());
    }

    /** Writes whole numbers from a direct buffer. */
    public void write(Block block, IntBuffer values) {
        requireDirect(values.isDirect());
        ops().write_s32(block.raw(), 0, new IntPointer(values), values.remaining());
    }

    /** Small transfers for setup, results and tests; not for the hot path. */
    public void writeFloats(Block block, float... values) {
        try (FloatPointer pointer = new FloatPointer(values)) {
            ops().write_f32(block.raw(), 0, pointer, values.length);
        }
    }

    /** Small transfer, see {@link #writeFloats}. */
    public float[] readFloats(Block block) {
        try (FloatPointer pointer = new FloatPointer(block.count())) {
            ops().read_f32(pointer, block.raw(), 0, block.count());
            float[] values = new float[Math.toIntExact(block.count())];
            pointer.get(values);
            return values;
        }
    }

    /** Small transfer, see {@link #writeFloats}. */
    public void writeInts(Block block, int... values) {
        try (IntPointer pointer = new IntPointer(values)) {
            ops().write_s32(block.raw(), 0, pointer, values.length);
        }
    }

    /** Small transfer of a REAL or F64 block. */
    public void writeDoubles(Block block, double... values) {
        try (DoublePointer pointer = new DoublePointer(values)) {
            ops().write_f64(block.raw(), 0, pointer, values.length);
        }
    }

    /** Small transfer of a REAL or F64 block. */
    public double[] readDoubles(Block block) {
        try (DoublePointer pointer = new DoublePointer(block.count())) {
            ops().read_f64(pointer, block.raw(), 0, block.count());
            double[] values = new double[Math.toIntExact(block.count())];
            pointer.get(values);
            return values;
        }
    }

    /** Small transfer into an S8 or U8 block. */
    public void writeBytes(Block block, byte... values) {
        try (BytePointer pointer = new BytePointer(values)) {
            ops().write_bytes(block.raw(), 0, pointer, values.length);
        }
    }

    /** Small transfer of an S8 or U8 block. */
    public byte[] readBytes(Block block) {
        try (BytePointer pointer = new BytePointer(block.count())) {
            ops().read_bytes(pointer, block.raw(), 0, block.count());
            byte[] values = new byte[Math.toIntExact(block.count())];
            pointer.get(values);
            return values;
        }
    }

    private static void requireDirect(boolean direct) {
        if (!direct) {
            throw new BackendException("transfers want direct buffers");
        }
    }

    @Override
    public void close() {
        if (backend != null) {
            Native.close_backend(backend);
            backend = null;
        }
    }
}
