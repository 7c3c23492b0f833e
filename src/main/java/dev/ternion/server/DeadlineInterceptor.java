package dev.ternion.server;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Caps the time of calls whose client set no deadline, or a longer one: their context is cancelled then, which uploads
 * and downloads look at. Calls that live as long as the client wants (watches) are left alone.
 */
final class DeadlineInterceptor implements ServerInterceptor {
    private final Duration unary;
    private final Duration stream;
    private final Set<String> slow;
    private final Set<String> endless;
    private final ScheduledExecutorService scheduler;

    /**
     * @param slow methods without streams that may take as long as one
     * @param endless methods without a deadline
     */
    DeadlineInterceptor(
            Duration unary,
            Duration stream,
            Set<String> slow,
            Set<String> endless,
            ScheduledExecutorService scheduler) {
        this.unary = unary;
        this.stream = stream;
        this.slow = Set.copyOf(slow);
        this.endless = Set.copyOf(endless);
        this.scheduler = scheduler;
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        String method = call.getMethodDescriptor().getFullMethodName();
        if (endless.contains(method)) {
            return next.startCall(call, headers);
        }
        boolean quick = call.getMethodDescriptor().getType() == MethodType.UNARY && !slow.contains(method);
        Duration cap = quick ? unary : stream;
        Context capped = Context.current().withDeadlineAfter(cap.toMillis(), TimeUnit.MILLISECONDS, scheduler);
        return Contexts.interceptCall(capped, call, headers, next);
    }
}
