package dev.ternion.server;

import dev.ternion.auth.Authenticator;
import dev.ternion.auth.Principal;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.ServerCall;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** Calls that last, each with its caller: they end when the caller's token does. */
final class OpenStreams {
    private final Map<RevocableCall<?, ?>, Principal> open = new ConcurrentHashMap<>();

    /** Keeps a call until it is over. */
    <Q> ServerCall.Listener<Q> hold(
            Principal principal, RevocableCall<Q, ?> call, Supplier<ServerCall.Listener<Q>> start) {
        open.put(call, principal);
        try {
            return new Held<>(start.get(), call);
        } catch (RuntimeException e) {
            open.remove(call);
            throw e;
        }
    }

    /** Ends the calls of those who are no longer known. */
    void endOthersThan(Authenticator authenticator) {
        open.forEach((call, principal) -> {
            if (!authenticator.isValid(principal)) {
                open.remove(call);
                call.revoke(Refusal.unauthenticated(
                        "TOKEN_REVOKED", "the token that opened this stream is no longer good"));
            }
        });
    }

    int count() {
        return open.size();
    }

    private final class Held<Q> extends SimpleForwardingServerCallListener<Q> {
        private final RevocableCall<Q, ?> call;

        private Held(ServerCall.Listener<Q> listener, RevocableCall<Q, ?> call) {
            super(listener);
            this.call = call;
        }

        @Override
        public void onMessage(Q message) {
            if (!call.isRevoked()) {
                super.onMessage(message);
            }
        }

        @Override
        public void onHalfClose() {
            if (!call.isRevoked()) {
                super.onHalfClose();
            }
        }

        @Override
        public void onCancel() {
            open.remove(call);
            super.onCancel();
        }

        /** A call that was ended under its method ends for the method as one that its client has left. */
        @Override
        public void onComplete() {
            open.remove(call);
            if (call.isRevoked()) {
                super.onCancel();
            } else {
                super.onComplete();
            }
        }
    }
}
