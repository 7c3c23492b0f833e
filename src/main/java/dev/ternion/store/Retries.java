package dev.ternion.store;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Calls a store again after a fault that passes. A fault after which nothing may be acknowledged is told, then thrown.
 *
 * @param passing whether the same call may succeed a little later
 * @param fatal whether nothing may be acknowledged any more
 * @param onFatal is told
 */
record Retries(
        Predicate<RuntimeException> passing, Predicate<RuntimeException> fatal, Consumer<RuntimeException> onFatal) {
    private static final int CALLS = 6;
    /** Between calls at first; doubled each time. */
    private static final long WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /** @param done what the call would have returned, when a call that failed has done its work */
    <T> T call(Supplier<T> call, Supplier<Optional<T>> done) {
        RuntimeException last = null;
        long wait = WAIT_NANOS;
        for (int i = 0; i < CALLS; i++) {
            try {
                if (last != null) {
                    LockSupport.parkNanos(wait);
                    wait *= 2;
                    Optional<T> made = done.get();
                    if (made.isPresent()) {
                        return made.get();
                    }
                }
                return call.get();
            } catch (RuntimeException e) {
                if (fatal.test(e)) {
                    onFatal.accept(e);
                }
                if (!passing.test(e)) {
                    throw e;
                }
                last = e;
            }
        }
        throw last;
    }

    /** For calls that can be repeated. */
    <T> T call(Supplier<T> call) {
        return call(call, Optional::empty);
    }
}
