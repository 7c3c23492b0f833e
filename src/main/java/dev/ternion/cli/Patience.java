package dev.ternion.cli;

import java.time.Duration;

/** The time that a person gives to a wait. */
final class Patience {
    private final long endNs;

    /** @param timeout longest wait; null for none */
    Patience(Duration timeout) {
        endNs = timeout == null ? Long.MAX_VALUE : System.nanoTime() + timeout.toNanos();
    }

    /** Milliseconds that are left, rounded up; 0 when the time is over. */
    long leftMs() {
        return endNs == Long.MAX_VALUE
                ? Long.MAX_VALUE
                : Math.max(0, (endNs - System.nanoTime() + 999_999) / 1_000_000);
    }
}
