package dev.ternion.backend;

import dev.ternion.backend.jni.Native;

/** Element types of buffers. REAL is f32, and f64 on the reference device "cpu64". */
public enum DType {
    REAL(Native.REAL),
    S8(Native.S8),
    U8(Native.U8),
    S32(Native.S32),
    F64(Native.F64);

    final int code;

    DType(int code) {
        this.code = code;
    }
}
