package dev.ternion.server;

import dev.ternion.api.v1.JobServiceGrpc;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/** Holds each caller to its limits; stands behind {@link AuthInterceptor}, which says who calls. */
final class RateLimitInterceptor implements ServerInterceptor {
    private static final String CREATE = JobServiceGrpc.getCreateJobMethod().getFullMethodName();

    private final RateLimits limits;

    RateLimitInterceptor(RateLimits limits) {
        this.limits = limits;
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        String caller = AuthInterceptor.PRINCIPAL.get().id();
        limits.call(caller);
        if (call.getMethodDescriptor().getFullMethodName().equals(CREATE)) {
            limits.job(caller);
        }
        if (call.getMethodDescriptor().getType() == MethodType.UNARY) {
            return next.startCall(call, headers);
        }
        limits.open(caller);
        try {
            return new Counted<>(next.startCall(call, headers), caller);
        } catch (RuntimeException e) {
            limits.close(caller);
            throw e;
        }
    }

    /** gRPC tells of the end of a call once: by onCancel or by onComplete. */
    private final class Counted<Q> extends SimpleForwardingServerCallListener<Q> {
        private final String caller;

        private Counted(ServerCall.Listener<Q> listener, String caller) {
            super(listener);
            this.caller = caller;
        }

        @Override
        public void onCancel() {
            limits.close(caller);
            super.onCancel();
        }

        @Override
        public void onComplete() {
            limits.close(caller);
            super.onComplete();
        }
    }
}
