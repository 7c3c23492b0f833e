package dev.ternion.artifact;

import java.util.Arrays;
import java.util.Optional;

/** Element types of stored tensors. The constant's name is the safetensors spelling. */
enum Dtype {
    F32(4, true),
    F64(8, true),
    F16(2, true),
    BF16(2, true),
    I8(1, false),
    U8(1, false),
    I32(4, false),
    I64(8, false),
    BOOL(1, false);

    /** Bytes of one element. */
    final int width;

    /** Whether {@link TensorSource#read} can turn it into f32. */
    final boolean floating;

    Dtype(int width, boolean floating) {
        this.width = width;
        this.floating = floating;
    }

    static Optional<Dtype> named(String text) {
        return Arrays.stream(values()).filter(d -> d.name().equals(text)).findFirst();
    }

    /** For messages: every spelling that is accepted. */
    static String all() {
        return "one of " + Arrays.toString(values());
    }
}
