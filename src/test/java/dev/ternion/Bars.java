package dev.ternion;

import java.time.Duration;

/** Times within which something must have happened. The bars themselves hold where a test has the machine for itself. */
public final class Bars {
    private static final boolean FULL = "full".equals(System.getProperty("ternion.load"));

    private Bars() {}

    /**
     * The time that holds here.
     *
     * @param bar with {@code -Dternion.load=full}
     * @param beside where other tests run beside it, as in CI
     */
    public static Duration within(Duration bar, Duration beside) {
        return FULL ? bar : beside;
    }
}
