package dev.ternion.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.api.v1.JobServiceGrpc;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class DeadlineInterceptorTest {
    private static final ScheduledExecutorService TIMER = Executors.newSingleThreadScheduledExecutor();
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Set<String> SLOW =
            Set.of(JobServiceGrpc.getListJobsMethod().getFullMethodName());
    private static final Duration SOON = Duration.ofMillis(10);

    @AfterAll
    static void stop() {
        TIMER.shutdownNow();
    }

    @Test
    void aServerGivesAUnaryCallAMinute() {
        ServerSettings settings = ServerSettings.loopback(0, Path.of("uploads"), List.of());
        assertThat(settings.unaryDeadline()).isEqualTo(Duration.ofSeconds(60));
        Deadline given = context(
                        settings.unaryDeadline(), HOUR, Set.of(), JobServiceGrpc.getGetJobMethod(), Context.current())
                .getDeadline();
        assertThat(given.timeRemaining(TimeUnit.SECONDS)).isBetween(30L, 60L);
    }

    @Test
    void aSlowCallHasTheTimeOfAStream() {
        Deadline given = context(SOON, HOUR, Set.of(), JobServiceGrpc.getListJobsMethod(), Context.current())
                .getDeadline();
        assertThat(given.timeRemaining(TimeUnit.MINUTES)).isBetween(50L, 60L);
    }

    @Test
    void aCallOverItsTimeIsCancelled() throws Exception {
        Context unary = context(SOON, HOUR, Set.of(), JobServiceGrpc.getGetJobMethod(), Context.current());
        Context stream = context(HOUR, SOON, Set.of(), JobServiceGrpc.getWatchJobMethod(), Context.current());
        for (Context late : List.of(unary, stream)) {
            CompletableFuture<Throwable> ended = new CompletableFuture<>();
            late.addListener(context -> ended.complete(context.cancellationCause()), Runnable::run);
            assertThat(ended.get(1, TimeUnit.MINUTES)).isInstanceOf(TimeoutException.class);
        }
    }

    @Test
    void aShorterDeadlineOfTheClientStaysAndAWatchHasNone() {
        Context client = Context.current().withDeadlineAfter(5, TimeUnit.SECONDS, TIMER);
        Deadline given = context(HOUR, HOUR, Set.of(), JobServiceGrpc.getGetJobMethod(), client)
                .getDeadline();
        assertThat(given).isEqualTo(client.getDeadline());
        String watch = JobServiceGrpc.getWatchJobMethod().getFullMethodName();
        assertThat(context(SOON, SOON, Set.of(watch), JobServiceGrpc.getWatchJobMethod(), Context.current())
                        .getDeadline())
                .isNull();
    }

    /** The context that a method runs in. */
    private static <Q, R> Context context(
            Duration unary, Duration stream, Set<String> endless, MethodDescriptor<Q, R> method, Context of) {
        CompletableFuture<Context> seen = new CompletableFuture<>();
        of.run(() -> new DeadlineInterceptor(unary, stream, SLOW, endless, TIMER)
                .interceptCall(new Call<>(method), new Metadata(), (call, headers) -> {
                    seen.complete(Context.current());
                    return new ServerCall.Listener<>() {};
                }));
        return seen.join();
    }

    private static final class Call<Q, R> extends ServerCall<Q, R> {
        private final MethodDescriptor<Q, R> method;

        Call(MethodDescriptor<Q, R> method) {
            this.method = method;
        }

        @Override
        public void request(int count) {}

        @Override
        public void sendHeaders(Metadata headers) {}

        @Override
        public void sendMessage(R message) {}

        @Override
        public void close(Status status, Metadata trailers) {}

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public MethodDescriptor<Q, R> getMethodDescriptor() {
            return method;
        }
    }
}
