package dev.ternion.server;

import dev.ternion.observe.Counter;
import dev.ternion.observe.Histogram;
import dev.ternion.observe.Metrics;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/**
 * Counts calls and times them to their end, watches too, by the names of gRFC A66 as Prometheus spells them. A method that no service has
 * is {@link Metrics#OTHER}.
 */
public final class CallMetrics extends ServerStreamTracer.Factory {
    /** Of the bounds that A66 names, those that tell apart what a person would. */
    private static final double[] SECONDS = {0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 20, 100};

    private final Counter started;
    private final Histogram seconds;
    private final LongSupplier nanos;

    /** @param nanos monotonic clock */
    public CallMetrics(Metrics metrics, LongSupplier nanos) {
        this.nanos = nanos;
        started = metrics.counter("grpc_server_call_started_total", "Calls that began.", "grpc_method");
        seconds = metrics.histogram(
                "grpc_server_call_duration_seconds",
                "Time of calls from their beginning to their end.",
                SECONDS,
                "grpc_method",
                "grpc_status");
    }

    @Override
    public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
        return new Tracer(nanos.getAsLong());
    }

    private final class Tracer extends ServerStreamTracer {
        private final long start;
        private final AtomicBoolean ended = new AtomicBoolean();
        private volatile String method;

        private Tracer(long start) {
            this.start = start;
        }

        @Override
        public void serverCallStarted(ServerCallInfo<?, ?> call) {
            method = call.getMethodDescriptor().getFullMethodName();
            started.add(method);
        }

        @Override
        public void streamClosed(Status status) {
            if (ended.compareAndSet(false, true)) {
                if (method == null) {
                    method = Metrics.OTHER;
                    started.add(method);
                }
                seconds.observe(
                        (nanos.getAsLong() - start) / 1e9,
                        method,
                        status.getCode().name());
            }
        }
    }
}
