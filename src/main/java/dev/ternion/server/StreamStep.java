package dev.ternion.server;

import io.grpc.Context;
import io.grpc.Status;
import java.io.IOException;
import java.io.UncheckedIOException;

/** What a stream from a client does with a message, or with its end. */
interface StreamStep {
    void run() throws IOException;

    /**
     * Takes a step, unless the call has taken too long.
     *
     * @param late what the client is told then
     * @param giveUp done when there is no answer: what came before is of no use, or is kept for another call
     */
    static void take(StreamStep step, String late, Runnable giveUp) {
        try {
            if (Context.current().isCancelled()) {
                throw Status.DEADLINE_EXCEEDED.withDescription(late).asRuntimeException();
            }
            step.run();
        } catch (IOException e) {
            giveUp.run();
            throw new UncheckedIOException(e);
        } catch (RuntimeException e) {
            giveUp.run();
            throw e;
        }
    }
}
