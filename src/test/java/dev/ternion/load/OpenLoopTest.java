package dev.ternion.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The load generator counts what a stall holds up, which a caller that waits for answers would not see. */
class OpenLoopTest {
    private static final long STALL = 200_000_000;

    @Test
    void aStallIsCountedForEveryCallThatWasDueInIt() throws InterruptedException {
        Latencies latencies = OpenLoop.run(1000, Duration.ofMillis(400), number -> {
            long end = System.nanoTime() + (number == 100 ? STALL : 0);
            while (System.nanoTime() < end) {
                LockSupport.parkNanos(end - System.nanoTime());
            }
            return Futures.immediateVoidFuture();
        });
        // Of 400 calls one stalls for 200 ms; the 200 that are due meanwhile wait up to as long.
        assertThat(latencies.millis(1)).isGreaterThanOrEqualTo(200);
        assertThat(latencies.millis(0.75)).isGreaterThan(90);
        assertThat(latencies.errors()).isEmpty();
    }

    @Test
    void callsThatFailAreCounted() throws InterruptedException {
        Latencies latencies = OpenLoop.run(1000, Duration.ofMillis(20), number -> {
            ListenableFuture<?> answer = number % 4 == 0
                    ? Futures.immediateFailedFuture(new IllegalStateException())
                    : Futures.immediateVoidFuture();
            return answer;
        });
        assertThat(latencies.errors()).hasSize(5).allMatch(IllegalStateException.class::isInstance);
    }

    @Test
    void sharesAreOfAllCalls() {
        Latencies latencies = new Latencies(
                LongStream.rangeClosed(1, 200).map(ms -> ms * 1_000_000).toArray(), List.of(), 1);
        assertThat(latencies.millis(0.5)).isEqualTo(100);
        assertThat(latencies.millis(0.99)).isEqualTo(198);
        assertThat(latencies.millis(1)).isEqualTo(200);
        assertThat(latencies)
                .hasToString("200 calls, 0 errors, 1.0/s, ms: p50 100.0, p90 180.0, p99 198.0, p99.9 200.0, max 200.0");
    }
}
