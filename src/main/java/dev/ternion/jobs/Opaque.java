package dev.ternion.jobs;

import java.util.Arrays;

/** Immutable bytes that mean nothing to this package: a job's spec, an event's payload, a report. */
public final class Opaque {
    /** No bytes. */
    public static final Opaque EMPTY = new Opaque(new byte[0]);

    private final byte[] bytes;

    private Opaque(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Copies the bytes. */
    public static Opaque of(byte[] bytes) {
        return new Opaque(bytes.clone());
    }

    /** A copy of the bytes. */
    public byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Opaque opaque && Arrays.equals(bytes, opaque.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return bytes.length + " bytes";
    }
}
