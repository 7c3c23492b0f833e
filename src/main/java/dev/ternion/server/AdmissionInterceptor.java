package dev.ternion.server;

import com.google.rpc.Code;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.time.Duration;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** Refuses new calls while the server shuts down or has more waiting than it can work off. */
final class AdmissionInterceptor implements ServerInterceptor {
    private final BooleanSupplier draining;
    private final int maxWaiting;

    AdmissionInterceptor(BooleanSupplier draining, int maxWaiting) {
        this.draining = draining;
        this.maxWaiting = maxWaiting;
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        if (draining.getAsBoolean()) {
            throw draining();
        }
        int calls = CallPools.tooMuch(headers);
        if (calls > 0) {
            throw Refusal.later(
                    Code.UNAVAILABLE,
                    "OVERLOADED",
                    calls + " calls wait, at most " + maxWaiting + " may; try again in a second",
                    Map.of("waiting", String.valueOf(calls), "limit", String.valueOf(maxWaiting)),
                    Duration.ofSeconds(1));
        }
        return next.startCall(call, headers);
    }

    static Refusal draining() {
        return Refusal.later(
                Code.UNAVAILABLE,
                "DRAINING",
                "the server is shutting down; try again when it is back",
                Map.of(),
                Duration.ofSeconds(5));
    }
}
