package dev.ternion.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.api.v1.JobEvent;
import dev.ternion.api.v1.JobServiceGrpc;
import dev.ternion.api.v1.WatchJobRequest;
import dev.ternion.auth.Role;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever stands between a stream and its client lets flow control and cancellation through: else a slow reader has no bound. */
class InterceptorsTest {
    private static final ScheduledExecutorService TIMER = Executors.newSingleThreadScheduledExecutor();

    static Stream<ServerInterceptor> all() {
        Duration hour = Duration.ofHours(1);
        String watch = JobServiceGrpc.getWatchJobMethod().getFullMethodName();
        return Stream.of(
                new DeadlineInterceptor(hour, hour, Set.of(), Set.of(), TIMER),
                new DeadlineInterceptor(hour, hour, Set.of(), Set.of(watch), TIMER),
                new AdmissionInterceptor(() -> false, 10),
                new ErrorInterceptor(),
                auth(),
                new AuditInterceptor(new Audit(null, () -> 0, e -> {})),
                behind(auth(), new RateLimitInterceptor(new RateLimits(() -> 0))),
                new RequestIdInterceptor());
    }

    private static ServerInterceptor auth() {
        return new AuthInterceptor(new FixedTokens(), new OpenStreams());
    }

    private static ServerInterceptor behind(ServerInterceptor first, ServerInterceptor second) {
        return new ServerInterceptor() {
            @Override
            public <Q, R> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
                return first.interceptCall(call, headers, (passed, same) -> second.interceptCall(passed, same, next));
            }
        };
    }

    @AfterAll
    static void stop() {
        TIMER.shutdownNow();
    }

    @ParameterizedTest
    @MethodSource("all")
    void readinessAndCancellationPass(ServerInterceptor interceptor) {
        Call call = new Call();
        List<String> heard = new ArrayList<>();
        List<ServerCall<WatchJobRequest, JobEvent>> inner = new ArrayList<>();
        ServerCall.Listener<WatchJobRequest> listener =
                interceptor.interceptCall(call, headers(), (passed, headers) -> {
                    inner.add(passed);
                    return new Heard(heard);
                });
        assertThat(inner.get(0).isReady()).isFalse();
        call.ready = true;
        assertThat(inner.get(0).isReady()).isTrue();
        assertThat(inner.get(0).isCancelled()).isFalse();
        listener.onReady();
        listener.onReady();
        listener.onCancel();
        assertThat(heard).containsExactly("ready", "ready", "cancel");
        call.cancelled = true;
        assertThat(inner.get(0).isCancelled()).isTrue();
        inner.get(0).setOnReadyThreshold(7);
        assertThat(call.threshold).isEqualTo(7);
    }

    private static Metadata headers() {
        Metadata headers = new Metadata();
        headers.put(AuthInterceptor.AUTHORIZATION, "Bearer " + FixedTokens.token(Role.VIEWER, "default"));
        return headers;
    }

    private static final class Heard extends ServerCall.Listener<WatchJobRequest> {
        private final List<String> heard;

        Heard(List<String> heard) {
            this.heard = heard;
        }

        @Override
        public void onReady() {
            heard.add("ready");
        }

        @Override
        public void onCancel() {
            heard.add("cancel");
        }
    }

    private static final class Call extends ServerCall<WatchJobRequest, JobEvent> {
        private boolean ready;
        private boolean cancelled;
        private int threshold;

        @Override
        public boolean isReady() {
            return ready;
        }

        @Override
        public boolean isCancelled() {
            return cancelled;
        }

        @Override
        public void setOnReadyThreshold(int bytes) {
            threshold = bytes;
        }

        @Override
        public void request(int count) {}

        @Override
        public void sendHeaders(Metadata headers) {}

        @Override
        public void sendMessage(JobEvent message) {}

        @Override
        public void close(Status status, Metadata trailers) {}

        @Override
        public MethodDescriptor<WatchJobRequest, JobEvent> getMethodDescriptor() {
            return JobServiceGrpc.getWatchJobMethod();
        }
    }
}
