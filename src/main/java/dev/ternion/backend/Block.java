package dev.ternion.backend;

import dev.ternion.backend.jni.NativeBuffer;

/**
 * Device memory held by its owner until {@link #close}. Contents move only through {@link Device}. Closing twice is
 * harmless; using a closed block throws.
 */
public final class Block implements AutoCloseable {
    private final Device device;
    private final DType dtype;
    private final long count;
    private NativeBuffer buffer;

    Block(Device device, DType dtype, long count, NativeBuffer buffer) {
        this.device = device;
        this.dtype = dtype;
        this.count = count;
        this.buffer = buffer;
    }

    /** Element type. */
    public DType dtype() {
        return dtype;
    }

    /** Number of elements. */
    public long count() {
        return count;
    }

    /** The device that owns the memory. */
    public Device device() {
        return device;
    }

    /** The native view, for calls of the contract. */
    public NativeBuffer raw() {
        if (buffer == null) {
            throw new BackendException("a buffer of " + count + " " + dtype + " is used after it was released");
        }
        return buffer;
    }

    @Override
    public void close() {
        if (buffer != null) {
            device.release(buffer);
            buffer = null;
        }
    }
}
