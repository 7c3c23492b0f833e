package dev.ternion.store;

import dev.ternion.jobs.StoreUnavailable;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Calls a store again after a fault that passes. A fault after which nothing may be acknowledged is told, then thrown.
 *
 * @param passing whether the same call may succeed a little later
 * @param unknown whether a call that failed so may have done its work
 * @param fatal whether nothing may be acknowledged any more
 * @param onFatal is told
 * @param nanos as {@link System#nanoTime}
 */
record Retries(
        Predicate<RuntimeException> passing,
        Predicate<RuntimeException> unknown,
        Predicate<RuntimeException> fatal,
        Consumer<RuntimeException> onFatal,
        LongSupplier nanos) {
    private static final int CALLS = 6;
    /** A call that did nothing is not made again after so long. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(2);
    /** So long it may be unknown what a call did: who made it cannot go on without knowing. Then it is fatal. */
    private static final long UNKNOWN_NANOS = TimeUnit.SECONDS.toNanos(60);
    /** Between calls at first; doubled each time, to the largest. */
    private static final long WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private static final long LARGEST_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    /**
     * Makes a call.
     *
     * @param done what the call would have returned, when a call that failed has done its work
     * @throws StoreUnavailable when the store does not answer; the call has changed nothing, or can be repeated
     */
    <T> T call(Supplier<T> call, Supplier<Optional<T>> done) {
        long begin = nanos.getAsLong();
        long wait = WAIT_NANOS;
        boolean open = false;
        boolean doubted = false;
        RuntimeException last = null;
        for (int calls = 0; calls == 0 || mayGoOn(open, calls, nanos.getAsLong() - begin); calls++) {
            try {
                if (last != null) {
                    LockSupport.parkNanos(wait);
                    wait = Math.min(LARGEST_WAIT_NANOS, 2 * wait);
                    Optional<T> made = done.get();
                    if (made.isPresent()) {
                        return made.get();
                    }
                    open = false;
                }
                return call.get();
            } catch (RuntimeException e) {
                if (fatal.test(e)) {
                    onFatal.accept(e);
                }
                if (!passing.test(e)) {
                    // What an earlier call has done, and only now can be seen, may be why.
                    return (doubted ? done.get() : Optional.<T>empty()).orElseThrow(() -> e);
                }
                open |= unknown.test(e);
                doubted |= open;
                last = e;
            }
        }
        if (open) {
            onFatal.accept(last);
        }
        throw new StoreUnavailable(last);
    }

    private static boolean mayGoOn(boolean open, int calls, long nanos) {
        return open ? nanos < UNKNOWN_NANOS : calls < CALLS && nanos < PATIENCE_NANOS;
    }

    /** For calls that can be repeated. */
    <T> T call(Supplier<T> call) {
        return call(call, Optional::empty);
    }
}
