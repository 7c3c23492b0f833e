package dev.ternion.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.api.v1.JobServiceGrpc;
import dev.ternion.observe.Metrics;
import dev.ternion.observe.PrometheusText;
import io.grpc.Attributes;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Calls are counted once, by methods that exist. */
class CallMetricsTest {
    private final Metrics metrics = new Metrics();
    private final AtomicLong nanos = new AtomicLong(5);
    private final CallMetrics calls = new CallMetrics(metrics, nanos::get);

    @Test
    void aCallIsTimedToItsEndAndCountedOnce() {
        MethodDescriptor<?, ?> get = JobServiceGrpc.getGetJobMethod();
        ServerStreamTracer tracer = calls.newServerStreamTracer(get.getFullMethodName(), new Metadata());
        tracer.serverCallStarted(new Info<>(get));
        assertThat(read().value("grpc_server_call_started_total{grpc_method=\"ternion.v1.JobService/GetJob\"}"))
                .isEqualTo(1);
        nanos.addAndGet(30_000_000);
        tracer.streamClosed(Status.NOT_FOUND);
        tracer.streamClosed(Status.CANCELLED);
        String labels = "{grpc_method=\"ternion.v1.JobService/GetJob\",grpc_status=\"NOT_FOUND\"";
        PrometheusText text = read();
        assertThat(text.value("grpc_server_call_duration_seconds_sum" + labels + "}"))
                .isEqualTo(0.03);
        assertThat(text.value("grpc_server_call_duration_seconds_bucket" + labels + ",le=\"0.025\"}"))
                .isZero();
        assertThat(text.value("grpc_server_call_duration_seconds_bucket" + labels + ",le=\"0.05\"}"))
                .isEqualTo(1);
        assertThat(text.samples().keySet()).noneMatch(series -> series.contains("CANCELLED"));
    }

    @Test
    void methodsThatAClientMakesUpAreOne() {
        for (int i = 0; i < 1000; i++) {
            calls.newServerStreamTracer("made.up.Service/Method" + i, new Metadata())
                    .streamClosed(Status.UNIMPLEMENTED);
        }
        PrometheusText text = read();
        assertThat(text.value("grpc_server_call_started_total{grpc_method=\"other\"}"))
                .isEqualTo(1000);
        assertThat(text.value(
                        "grpc_server_call_duration_seconds_count{grpc_method=\"other\",grpc_status=\"UNIMPLEMENTED\"}"))
                .isEqualTo(1000);
    }

    private PrometheusText read() {
        return PrometheusText.read(metrics.text());
    }

    /** What gRPC tells of a call that a service has taken. */
    static final class Info<Q, R> extends ServerStreamTracer.ServerCallInfo<Q, R> {
        private final MethodDescriptor<Q, R> method;

        Info(MethodDescriptor<Q, R> method) {
            this.method = method;
        }

        @Override
        public MethodDescriptor<Q, R> getMethodDescriptor() {
            return method;
        }

        @Override
        public Attributes getAttributes() {
            return Attributes.EMPTY;
        }

        @Override
        public String getAuthority() {
            return null;
        }
    }
}
