package dev.ternion.server;

import dev.ternion.observe.Metrics;
import dev.ternion.observe.Traces;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A span for each call to its end, watches too, by OpenTelemetry's conventions for RPCs, under the caller's W3C {@code traceparent}.
 * Nothing of requests, answers and callers is in it. A method that no service has is {@link Metrics#OTHER}.
 */
public final class CallTraces extends ServerStreamTracer.Factory {
    static final Metadata.Key<String> TRACEPARENT = Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER);

    private static final Context.Key<Traces.Span> SPAN = Context.key("span");

    /** What is the server's fault, by the same conventions. */
    private static final Set<Status.Code> FAULTS = Set.of(
            Status.Code.UNKNOWN,
            Status.Code.DEADLINE_EXCEEDED,
            Status.Code.UNIMPLEMENTED,
            Status.Code.INTERNAL,
            Status.Code.UNAVAILABLE,
            Status.Code.DATA_LOSS);

    private final Traces traces;

    /** @param traces closed by the caller */
    public CallTraces(Traces traces) {
        this.traces = traces;
    }

    /** W3C traceparent of the call that this thread serves; empty when calls are not traced. */
    static String current() {
        Traces.Span span = SPAN.get();
        return span == null ? "" : span.traceparent();
    }

    @Override
    public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
        return new Tracer(traces.begin(Traces.Kind.SERVER, Metrics.OTHER, headers.get(TRACEPARENT)));
    }

    private static final class Tracer extends ServerStreamTracer {
        private final Traces.Span span;
        private final AtomicBoolean ended = new AtomicBoolean();

        private Tracer(Traces.Span span) {
            this.span = span;
            span.set("rpc.system", "grpc");
        }

        @Override
        public Context filterContext(Context context) {
            return context.withValue(SPAN, span);
        }

        @Override
        public void serverCallStarted(ServerCallInfo<?, ?> call) {
            span.name(call.getMethodDescriptor().getFullMethodName());
            span.set("rpc.service", call.getMethodDescriptor().getServiceName());
            span.set("rpc.method", call.getMethodDescriptor().getBareMethodName());
        }

        @Override
        public void streamClosed(Status status) {
            if (ended.compareAndSet(false, true)) {
                span.set("rpc.grpc.status_code", status.getCode().value());
                if (FAULTS.contains(status.getCode())) {
                    span.failed(status.getCode().name());
                }
                span.end();
            }
        }
    }
}
