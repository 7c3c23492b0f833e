package dev.ternion.worker;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * How long steps take: from the step before of the same training, or from the end of what came between, such as an evaluation. Where
 * trainings take turns, a step lasts as long as a turn of all of them.
 */
final class StepClock {
    private final Map<Training, Instant> since = new HashMap<>();
    private Instant start;

    private record Training(String arm, long seed) {}

    /** @param start before the first step */
    StepClock(Instant start) {
        this.start = start;
    }

    /** A training begins, or goes on in another way. */
    void began(String arm, long seed, Instant now) {
        since.put(new Training(arm, seed), now);
    }

    /** No training went on until now. */
    void interrupted(Instant now) {
        since.clear();
        start = now;
    }

    /** Seconds of a step that is done now; not below 0 when the clock was set back. */
    double stepped(String arm, long seed, Instant now) {
        Instant before = since.put(new Training(arm, seed), now);
        Instant from = before == null ? start : before;
        return Math.max(0, (now.getEpochSecond() - from.getEpochSecond()) + (now.getNano() - from.getNano()) * 1e-9);
    }
}
