package dev.ternion.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.api.v1.JobServiceGrpc;
import dev.ternion.observe.RecordedTraces;
import dev.ternion.observe.Traces;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A span for each call, named by methods that exist, ended once. */
class CallTracesTest {
    private final RecordedTraces traces = new RecordedTraces();
    private final CallTraces calls = new CallTraces(traces);

    @Test
    void aCallIsASpanUnderTheCallers() {
        Metadata headers = new Metadata();
        headers.put(CallTraces.TRACEPARENT, "of the caller");
        headers.put(AuthInterceptor.AUTHORIZATION, "Bearer secret");
        ServerStreamTracer tracer = calls.newServerStreamTracer("ternion.v1.JobService/GetJob", headers);
        assertThat(CallTraces.current()).isEmpty();
        tracer.filterContext(Context.ROOT)
                .run(() -> assertThat(CallTraces.current()).isEqualTo("span-0"));
        tracer.serverCallStarted(new CallMetricsTest.Info<>(JobServiceGrpc.getGetJobMethod()));
        assertThat(traces.spans.get(0).ends).isZero();
        tracer.streamClosed(Status.NOT_FOUND.withDescription("text of the error"));
        tracer.streamClosed(Status.INTERNAL);
        RecordedTraces.Recorded span = traces.spans.get(0);
        assertThat(span.kind).isEqualTo(Traces.Kind.SERVER);
        assertThat(span.parent).isEqualTo("of the caller");
        assertThat(span.name).isEqualTo("ternion.v1.JobService/GetJob");
        assertThat(span.attributes)
                .isEqualTo(Map.of(
                        "rpc.system",
                        "grpc",
                        "rpc.service",
                        "ternion.v1.JobService",
                        "rpc.method",
                        "GetJob",
                        "rpc.grpc.status_code",
                        5L));
        assertThat(span.failure).isNull();
        assertThat(span.ends).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(Status.Code.class)
    void faultsOfTheServerAreErrors(Status.Code code) {
        calls.newServerStreamTracer("made.up/Method", new Metadata()).streamClosed(code.toStatus());
        RecordedTraces.Recorded span = traces.spans.get(0);
        assertThat(span.name).isEqualTo("other");
        assertThat(span.parent).isNull();
        boolean fault = switch (code) {
            case UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS -> true;
            default -> false;
        };
        assertThat(span.failure).isEqualTo(fault ? code.name() : null);
    }
}
