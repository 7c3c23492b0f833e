package dev.ternion.backend;

import dev.ternion.backend.jni.NativeBackend;

/** Tells the errors of native operations, which the binding throws as plain {@link RuntimeException}, from others. */
public final class NativeErrors {
    private NativeErrors() {}

    /** Whether an operation of the contract threw it; the message begins with the operation or kernel in brackets. */
    public static boolean threw(RuntimeException e) {
        StackTraceElement[] trace = e.getStackTrace();
        return trace.length > 0
                && trace[0].isNativeMethod()
                && trace[0].getClassName().equals(NativeBackend.class.getName());
    }

    /** Whether it says that the device or the budget had no memory left. */
    public static boolean isOutOfMemory(RuntimeException e) {
        return threw(e) && String.valueOf(e.getMessage()).startsWith("[new_buffer]");
    }
}
