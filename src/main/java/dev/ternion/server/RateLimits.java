package dev.ternion.server;

import com.google.rpc.Code;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * What each caller may ask for: calls a second, creations of jobs a second, streams at once. Remembers the {@link #MOST} callers that came
 * last, and all with open streams.
 */
final class RateLimits {
    static final int CALLS_PER_SECOND = 50;
    static final int CALLS_AT_ONCE = 100;
    static final int JOBS_PER_SECOND = 10;
    static final int JOBS_AT_ONCE = 20;
    static final int STREAMS = 32;

    /** Callers remembered: some MiB. */
    static final int MOST = 10_000;

    private static final Duration STREAM_RETRY = Duration.ofSeconds(1);

    private final LongSupplier nanoTime;
    private final LinkedHashMap<String, Use> uses = new LinkedHashMap<>(16, 0.75f, true);

    /** What a caller has asked for. */
    private static final class Use {
        private final Bucket calls;
        private final Bucket jobs;
        private int streams;

        private Use(long now) {
            calls = new Bucket(CALLS_PER_SECOND, CALLS_AT_ONCE, now);
            jobs = new Bucket(JOBS_PER_SECOND, JOBS_AT_ONCE, now);
        }
    }

    /** @param nanoTime nanoseconds of a clock that never goes back */
    RateLimits(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Counts a call; refuses it when there were too many. */
    synchronized void call(String caller) {
        long now = nanoTime.getAsLong();
        require(use(caller, now).calls.take(now), "calls", CALLS_PER_SECOND, CALLS_AT_ONCE);
    }

    /** Counts a creation of a job; refuses it when there were too many. */
    synchronized void job(String caller) {
        long now = nanoTime.getAsLong();
        require(use(caller, now).jobs.take(now), "creations of jobs", JOBS_PER_SECOND, JOBS_AT_ONCE);
    }

    /** Counts a stream, which is to be closed once; refuses it when too many are open. */
    synchronized void open(String caller) {
        Use use = use(caller, nanoTime.getAsLong());
        if (use.streams >= STREAMS) {
            throw Refusal.later(
                    Code.RESOURCE_EXHAUSTED,
                    "TOO_MANY_STREAMS",
                    STREAMS + " streams are open, as many as a caller may have; end one first",
                    Map.of("limit", String.valueOf(STREAMS)),
                    STREAM_RETRY);
        }
        use.streams++;
    }

    /** A stream is over. */
    synchronized void close(String caller) {
        uses.get(caller).streams--;
    }

    /** Callers remembered. */
    synchronized int size() {
        return uses.size();
    }

    private Use use(String caller, long now) {
        Use use = uses.computeIfAbsent(caller, unknown -> new Use(now));
        Iterator<Use> oldest = uses.values().iterator();
        while (uses.size() > MOST && oldest.hasNext()) {
            Use old = oldest.next();
            if (old.streams == 0 && old != use) {
                oldest.remove();
            }
        }
        return use;
    }

    private static void require(long nanos, String what, int perSecond, int atOnce) {
        if (nanos > 0) {
            throw Refusal.later(
                    Code.RESOURCE_EXHAUSTED,
                    "RATE_LIMITED",
                    "too many " + what + ": a caller may make " + perSecond + " a second, and " + atOnce + " at once",
                    Map.of("per_second", String.valueOf(perSecond), "burst", String.valueOf(atOnce)),
                    Duration.ofNanos(nanos));
        }
    }
}
