package dev.ternion.server;

import java.io.IOException;

/** What callers have on disk. */
@FunctionalInterface
interface StoredBytes {
    /** Bytes of this caller. */
    long of(String owner) throws IOException;
}
