package dev.ternion.cli;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Checks the wall clock: plausible, in step with the monotonic one, not before what the store has seen. */
final class ClockCheck {
    private static final String NAME = "clock";
    private static final String ADVICE = "Set the clock and keep it by NTP: timedatectl set-ntp true.";
    /** Ternion did not exist before. */
    private static final Instant FIRST = Instant.parse("2026-01-01T00:00:00Z");

    private static final Instant LAST = Instant.parse("2100-01-01T00:00:00Z");
    /** What the two clocks may differ by over {@link #PAUSE}: a clock that NTP slews differs by 0.05 %. */
    private static final Duration APART = Duration.ofMillis(20);

    private static final Duration PAUSE = Duration.ofMillis(100);
    /** What the clocks of two machines may differ by when a folder moves. */
    private static final Duration AHEAD = Duration.ofSeconds(5);

    private final Clock wall;
    private final LongSupplier nanos;
    private final Pause pause;

    /** Waits. */
    interface Pause {
        void make(Duration length) throws InterruptedException;
    }

    ClockCheck(Clock wall, LongSupplier nanos, Pause pause) {
        this.wall = wall;
        this.nanos = nanos;
        this.pause = pause;
    }

    /** @param newestEvent of the store; empty when there is none */
    Check run(Optional<Instant> newestEvent) throws InterruptedException {
        long startNanos = nanos.getAsLong();
        Instant start = wall.instant();
        pause.make(PAUSE);
        Instant now = wall.instant();
        Duration byWall = Duration.between(start, now);
        Duration monotonic = Duration.ofNanos(nanos.getAsLong() - startNanos);
        if (now.isBefore(FIRST) || now.isAfter(LAST)) {
            return Check.fail(NAME, now + " cannot be right", ADVICE);
        }
        if (newestEvent.isPresent() && newestEvent.get().isAfter(now.plus(AHEAD))) {
            return Check.fail(NAME, now + " is before the newest event of a job, " + newestEvent.get(), ADVICE);
        }
        Duration apart = byWall.minus(monotonic).abs();
        return apart.compareTo(APART) <= 0
                ? Check.ok(NAME, now.toString())
                : Check.warn(
                        NAME,
                        "it went on by " + byWall.toMillis() + " ms in " + monotonic.toMillis()
                                + " ms: it is being set",
                        ADVICE);
    }
}
