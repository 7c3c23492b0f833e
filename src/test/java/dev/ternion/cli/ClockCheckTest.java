package dev.ternion.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What doctor says of clocks that cannot be right. */
class ClockCheckTest {
    private static final Instant NOW = Instant.parse("2026-11-27T23:00:00Z");

    private Instant wall = NOW;
    private long nanos = 77;
    private Duration jump = Duration.ZERO;

    @Test
    void aClockThatRunsIsGood() throws InterruptedException {
        assertThat(run(null)).satisfies(check -> {
            assertThat(check.status()).isEqualTo(Check.Status.OK);
            assertThat(check.detail()).isEqualTo("2026-11-27T23:00:00.100Z");
        });
        assertThat(run(NOW.minusSeconds(1)).status()).isEqualTo(Check.Status.OK);
        assertThat(run(NOW.plusSeconds(4)).status())
                .as("another machine's clock")
                .isEqualTo(Check.Status.OK);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1970-01-01T00:00:10Z", "2025-12-31T23:59:00Z", "2106-02-07T06:28:15Z"})
    void aTimeThatCannotBeFails(String time) throws InterruptedException {
        wall = Instant.parse(time);
        Check check = run(null);
        assertThat(check.status()).isEqualTo(Check.Status.FAIL);
        assertThat(check.detail()).contains("cannot be right");
        assertThat(check.advice()).contains("NTP");
    }

    @Test
    void aTimeBeforeTheNewestEventFails() throws InterruptedException {
        Check check = run(NOW.plusSeconds(3600));
        assertThat(check.status()).isEqualTo(Check.Status.FAIL);
        assertThat(check.detail()).contains("before the newest event of a job, 2026-11-28T00:00:00Z");
    }

    @ParameterizedTest
    @ValueSource(longs = {-3600_000, -40, 40, 3600_000})
    void aClockThatIsBeingSetIsTold(long millis) throws InterruptedException {
        jump = Duration.ofMillis(millis);
        Check check = run(null);
        assertThat(check.status()).isEqualTo(Check.Status.WARN);
        assertThat(check.detail()).isEqualTo("it went on by " + (100 + millis) + " ms in 100 ms: it is being set");
    }

    private Check run(Instant newestEvent) throws InterruptedException {
        Clock clock = new Clock() {
            @Override
            public Instant instant() {
                return wall;
            }

            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                throw new UnsupportedOperationException();
            }
        };
        Instant before = wall;
        Check check = new ClockCheck(clock, () -> nanos, length -> {
                    wall = wall.plus(length).plus(jump);
                    nanos += length.toNanos();
                })
                .run(Optional.ofNullable(newestEvent));
        wall = before;
        return check;
    }
}
