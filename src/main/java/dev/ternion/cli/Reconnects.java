package dev.ternion.cli;

import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;

/** How often and how long after a stream broke it is begun again. */
final class Reconnects {
    /** The server sends a bookmark every 30 s, so a silence of this length is a dead connection. */
    static final long SILENCE_MS = 90_000;

    /** CANCELLED among them: the client did not ask for it, so a server that stops has cut what did not end in time. */
    private static final Set<Code> TRANSIENT = EnumSet.of(
            Code.UNAVAILABLE,
            Code.CANCELLED,
            Code.DEADLINE_EXCEEDED,
            Code.RESOURCE_EXHAUSTED,
            Code.INTERNAL,
            Code.UNKNOWN,
            Code.ABORTED);

    /** Waiting times are 0.5, 1, 2, 4, 8, 8 … seconds: about half a minute in all. */
    private static final int MAX_FAILURES = 7;

    private static final long FIRST_BACKOFF_MS = 500;
    private static final long LAST_BACKOFF_MS = 8_000;

    private final Consumer<String> line;
    private int failures;

    /** @param line told to the person */
    Reconnects(Consumer<String> line) {
        this.line = line;
    }

    /** Whether it is of use to begin again after this error. */
    static boolean help(StatusRuntimeException error) {
        return TRANSIENT.contains(error.getStatus().getCode());
    }

    /** Something came. */
    void worked() {
        if (failures > 0) {
            line.accept("connected again");
            failures = 0;
        }
    }

    /**
     * The stream broke: waits before the next try.
     *
     * @param why in a word or two
     * @param meanwhile what the person may think of, or empty
     * @param leftMs longest wait
     * @throws RuntimeException {@code cause} when it broke too often
     */
    void failed(String why, String meanwhile, RuntimeException cause, long leftMs) throws InterruptedException {
        failures++;
        if (failures > MAX_FAILURES) {
            throw cause;
        }
        long wait = Math.min(FIRST_BACKOFF_MS << (failures - 1), LAST_BACKOFF_MS);
        if (failures == 1) {
            line.accept("connection lost (" + why + "); " + meanwhile + "connecting again");
        }
        Thread.sleep(Math.max(1, Math.min(wait, leftMs)));
    }
}
