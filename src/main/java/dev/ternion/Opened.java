package dev.ternion;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/** Parts of a server that begins, to be closed in reverse order when a later one does not open. */
final class Opened {
    private final Deque<Part> parts = new ArrayDeque<>();

    /** How a part is closed. */
    interface Part {
        void close() throws IOException;
    }

    /** Notes a part that is open. */
    void add(Part part) {
        parts.push(part);
    }

    /** Closes all of them; what one throws goes with the reason why. */
    void closeAll(Exception why) {
        for (Part part : parts) {
            try {
                part.close();
            } catch (IOException | RuntimeException e) {
                why.addSuppressed(e);
            }
        }
    }
}
