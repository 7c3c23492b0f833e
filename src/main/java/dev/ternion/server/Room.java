package dev.ternion.server;

import java.io.IOException;

/** Room for something new that a caller stores. */
public interface Room {
    /** Puts what is whole in its place. */
    @FunctionalInterface
    interface Placing {
        void run() throws IOException;
    }

    /** Id of the caller, who will own it. */
    String owner();

    /**
     * Puts it in its place, if its owner may store so many bytes more. One at a time: what is in its place counts for the next.
     *
     * @throws Refusal QUOTA_EXCEEDED; then nothing was done
     */
    void take(long bytes, Placing placing) throws IOException;
}
