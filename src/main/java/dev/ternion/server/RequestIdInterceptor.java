package dev.ternion.server;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.UUID;
import java.util.regex.Pattern;
import org.slf4j.MDC;

/** Names every call in the log: the client's {@code x-request-id} or a new one, which the client gets back. */
final class RequestIdInterceptor implements ServerInterceptor {
    static final Metadata.Key<String> HEADER = Metadata.Key.of("x-request-id", Metadata.ASCII_STRING_MARSHALLER);

    /** The id of this call. */
    static final Context.Key<String> CURRENT = Context.key("request-id");

    private static final String MDC_KEY = "request";
    private static final Pattern ACCEPTED = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        String given = headers.get(HEADER);
        String id = given != null && ACCEPTED.matcher(given).matches()
                ? given
                : UUID.randomUUID().toString();
        ServerCall<Q, R> named = new SimpleForwardingServerCall<>(call) {
            @Override
            public void sendHeaders(Metadata answer) {
                answer.put(HEADER, id);
                super.sendHeaders(answer);
            }
        };
        Context context = Context.current().withValue(CURRENT, id);
        MDC.put(MDC_KEY, id);
        try {
            return new Named<>(Contexts.interceptCall(context, named, headers, next), id);
        } finally {
            MDC.remove(MDC_KEY);
        }
    }

    private static final class Named<Q> extends SimpleForwardingServerCallListener<Q> {
        private final String id;

        private Named(ServerCall.Listener<Q> listener, String id) {
            super(listener);
            this.id = id;
        }

        @Override
        public void onMessage(Q message) {
            named(() -> super.onMessage(message));
        }

        @Override
        public void onHalfClose() {
            named(super::onHalfClose);
        }

        @Override
        public void onCancel() {
            named(super::onCancel);
        }

        @Override
        public void onComplete() {
            named(super::onComplete);
        }

        @Override
        public void onReady() {
            named(super::onReady);
        }

        private void named(Runnable callback) {
            MDC.put(MDC_KEY, id);
            try {
                callback.run();
            } finally {
                MDC.remove(MDC_KEY);
            }
        }
    }
}
