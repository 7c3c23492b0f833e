package dev.ternion.backend;

import dev.ternion.backend.jni.NativeReadback;
import org.bytedeco.javacpp.DoublePointer;

/** Numbers on their way from a device. What is never finished is freed with the device. */
public final class PendingRead {
    private final Device device;
    private final int n;
    private NativeReadback raw;

    PendingRead(Device device, NativeReadback raw, int n) {
        this.device = device;
        this.raw = raw;
        this.n = n;
    }

    /** Waits for the numbers, not for operations started after the read. */
    public double[] finish() {
        if (raw == null) {
            throw new BackendException("a read is finished twice");
        }
        NativeReadback waiting = raw;
        raw = null;
        try (DoublePointer pointer = new DoublePointer(Math.max(n, 1))) {
            device.ops().finish_read_f64(pointer, waiting);
            double[] values = new double[n];
            pointer.get(values);
            return values;
        }
    }
}
