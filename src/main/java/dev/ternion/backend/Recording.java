package dev.ternion.backend;

import dev.ternion.backend.jni.NativeRecording;

/** Operations of a device that run again, all at once, on the memory that they were noted with. */
public final class Recording implements AutoCloseable {
    private final Device device;
    private NativeRecording raw;

    Recording(Device device, NativeRecording raw) {
        this.device = device;
        this.raw = raw;
    }

    /** Runs the operations once, in order with others of the device. */
    public void replay() {
        if (raw == null) {
            throw new BackendException("a recording is replayed after it was closed");
        }
        device.ops().replay(raw);
    }

    @Override
    public void close() {
        if (raw != null) {
            device.release(raw);
            raw = null;
        }
    }
}
