package dev.ternion.objects;

import java.io.IOException;

/** The bytes that were to be stored are not those that were meant. */
public final class DigestMismatch extends IOException {
    private static final long serialVersionUID = 1L;

    private final String seen;

    /** Of an object of this name. */
    public DigestMismatch(String name, String wanted, String seen) {
        super(name + " has SHA-256 " + seen + ", wanted " + wanted);
        this.seen = seen;
    }

    /** SHA-256 of the bytes, hex. */
    public String seen() {
        return seen;
    }
}
