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
    private final Set<String> endless;
    private final ScheduledExecutorService scheduler;

    DeadlineInterceptor(Duration unary, Duration stream, Set<String> endless, ScheduledExecutorService scheduler) {
        this.unary = unary;
        this.stream = stream;
        this.endless = Set.copyOf(endless);
        this.scheduler = scheduler;
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        if (endless.contains(call.getMethodDescriptor().getFullMethodName())) {
            return next.startCall(call, headers);
        }
        Duration cap = call.getMethodDescriptor().getType() == MethodType.UNARY ? unary : stream;
        Context capped = Context.current().withDeadlineAfter(cap.toMillis(), TimeUnit.MILLISECONDS, scheduler);
        return Contexts.interceptCall(capped, call, headers, next);
    }
}
