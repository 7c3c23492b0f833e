package dev.ternion.server;

import static dev.ternion.server.TestServer.detail;
import static dev.ternion.server.TestServer.reason;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.rpc.RetryInfo;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class RateLimitsTest {
    private static final long SECOND = 1_000_000_000L;

    private long now = -5 * SECOND;
    private final RateLimits limits = new RateLimits(() -> now);

    @Test
    void aHundredCallsAtOnceThenFiftyASecond() {
        assertThat(allowed(limits::call, "a", 200)).isEqualTo(100);
        now += SECOND / 50;
        assertThat(allowed(limits::call, "a", 5)).isEqualTo(1);
        now += SECOND;
        assertThat(allowed(limits::call, "a", 200)).isEqualTo(50);
        now += 1000 * SECOND;
        assertThat(allowed(limits::call, "a", 200)).isEqualTo(100);
    }

    @Test
    void twentyJobsAtOnceThenTenASecond() {
        assertThat(allowed(limits::job, "a", 100)).isEqualTo(20);
        now += SECOND;
        assertThat(allowed(limits::job, "a", 100)).isEqualTo(10);
    }

    @Test
    void oneCallersCallsAreNotAnothers() {
        assertThat(allowed(limits::call, "a", 200)).isEqualTo(100);
        assertThat(allowed(limits::call, "b", 200)).isEqualTo(100);
    }

    @Test
    void theAnswerSaysWhenToTryAgainAndThenItWorks() {
        allowed(limits::job, "a", 20);
        Refusal refused = catchThrowableOfType(Refusal.class, () -> limits.job("a"));
        assertThat(reason(refused.status())).isEqualTo("RATE_LIMITED");
        var delay = detail(refused.status(), RetryInfo.class).getRetryDelay();
        assertThat(delay.getSeconds()).isZero();
        assertThat(delay.getNanos()).isEqualTo(100_000_000);
        now += delay.getNanos() - 1;
        assertThat(allowed(limits::job, "a", 1)).isZero();
        now += 1;
        assertThat(allowed(limits::job, "a", 1)).isEqualTo(1);
    }

    @Test
    void thirtyTwoStreamsUntilOneEnds() {
        assertThat(allowed(limits::open, "a", 40)).isEqualTo(32);
        assertThat(allowed(limits::open, "b", 1)).isEqualTo(1);
        limits.close("a");
        assertThat(allowed(limits::open, "a", 2)).isEqualTo(1);
    }

    @Test
    void callersAreForgottenButNotThoseWithStreams() {
        limits.open("first");
        for (int i = 0; i < 3 * RateLimits.MOST; i++) {
            limits.call("peer:" + i);
        }
        assertThat(limits.size()).isEqualTo(RateLimits.MOST);
        limits.close("first");
        assertThat(allowed(limits::open, "first", 40)).isEqualTo(32);
    }

    private static int allowed(Consumer<String> ask, String caller, int times) {
        int allowed = 0;
        for (int i = 0; i < times; i++) {
            try {
                ask.accept(caller);
                allowed++;
            } catch (Refusal refusal) {
                assertThat(reason(refusal.status())).isIn("RATE_LIMITED", "TOO_MANY_STREAMS");
            }
        }
        return allowed;
    }
}
