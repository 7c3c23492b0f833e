package dev.ternion.load;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import java.time.Duration;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;

/**
 * Calls at a fixed rate, whether answers come or not. Each call is timed from the moment at which it was due, not from the one at which the
 * caller got to it: what a slow answer or a slow caller holds up is counted as waiting (coordinated omission).
 */
public final class OpenLoop {
    private OpenLoop() {}

    /**
     * Makes the calls and waits for all answers.
     *
     * @param perSecond rate
     * @param call begins the call of this number, counted from 0, and does not wait
     */
    public static Latencies run(int perSecond, Duration length, IntFunction<ListenableFuture<?>> call)
            throws InterruptedException {
        int calls = (int) (perSecond * length.toMillis() / 1000);
        long[] nanos = new long[calls];
        Queue<Throwable> errors = new ConcurrentLinkedQueue<>();
        CountDownLatch answers = new CountDownLatch(calls);
        long start = System.nanoTime();
        for (int i = 0; i < calls; i++) {
            int number = i;
            long due = start + TimeUnit.SECONDS.toNanos(i) / perSecond;
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            ListenableFuture<?> answer = call.apply(i);
            answer.addListener(
                    () -> {
                        nanos[number] = System.nanoTime() - due;
                        error(answer).ifPresent(errors::add);
                        answers.countDown();
                    },
                    MoreExecutors.directExecutor());
        }
        answers.await();
        return new Latencies(nanos, errors, calls / ((System.nanoTime() - start) / 1e9));
    }

    private static Optional<Throwable> error(ListenableFuture<?> answer) {
        try {
            answer.get();
            return Optional.empty();
        } catch (ExecutionException e) {
            return Optional.of(e.getCause());
        } catch (InterruptedException e) {
            return Optional.of(e);
        }
    }
}
