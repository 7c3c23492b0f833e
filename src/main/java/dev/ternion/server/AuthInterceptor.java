package dev.ternion.server;

import dev.ternion.auth.Authenticator;
import dev.ternion.auth.Principal;
import dev.ternion.auth.Role;
import dev.ternion.auth.Unauthenticated;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Iterator;
import java.util.Locale;

/**
 * Lets a call through to whom {@link Permissions} allows it, and puts the caller into the context. Role and project are looked at before
 * anything that is stored: who may not see a job does not learn whether it exists.
 */
final class AuthInterceptor implements ServerInterceptor {
    /** Who calls. */
    static final Context.Key<Principal> PRINCIPAL = Context.key("principal");

    static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private static final String SCHEME = "bearer ";

    private final Authenticator authenticator;
    private final OpenStreams streams;

    AuthInterceptor(Authenticator authenticator, OpenStreams streams) {
        this.authenticator = authenticator;
        this.streams = streams;
    }

    /** Id of who makes the call that this thread serves; where none is asked for, that of anyone. */
    static String caller() {
        Principal principal = PRINCIPAL.get();
        return (principal == null ? Principal.ANYONE : principal).id();
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        String method = call.getMethodDescriptor().getFullMethodName();
        Rule rule = Permissions.of(method).orElse(null);
        boolean open = rule != null && rule.isOpen();
        Principal principal = open && !headers.containsKey(AUTHORIZATION) ? stranger(call) : known(headers, call);
        AuditNote note = AuditNote.CURRENT.get();
        if (note != null) {
            note.caller(principal);
        }
        if (rule == null || !open && !principal.role().includes(rule.role())) {
            throw Refusal.denied("role " + principal.role().text() + " may not call " + method
                    + (rule == null ? "" : "; it needs " + rule.role().text()));
        }
        Context context = Context.current().withValue(PRINCIPAL, principal);
        boolean held = call.getMethodDescriptor().getType() != MethodType.UNARY;
        if (!held) {
            return new OfOneProject<>(Contexts.interceptCall(context, call, headers, next), principal, rule);
        }
        RevocableCall<Q, R> revocable = new RevocableCall<>(call);
        return streams.hold(
                principal,
                revocable,
                () -> new OfOneProject<>(Contexts.interceptCall(context, revocable, headers, next), principal, rule));
    }

    /** Whoever shows no token where none is needed; told apart by address, so that one does not use up another's limits. */
    private static Principal stranger(ServerCall<?, ?> call) {
        SocketAddress address = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        String host = address instanceof InetSocketAddress inet && inet.getAddress() != null
                ? inet.getAddress().getHostAddress()
                : "unknown";
        return new Principal("peer:" + host, Role.VIEWER, Principal.ALL_PROJECTS);
    }

    private Principal known(Metadata headers, ServerCall<?, ?> call) {
        try {
            return authenticator.authenticate(bearer(headers));
        } catch (Unauthenticated e) {
            AuditNote note = AuditNote.CURRENT.get();
            if (note != null) {
                note.caller(stranger(call));
            }
            throw e.reason() == Unauthenticated.Reason.TOKEN_WITHOUT_ROLE
                    ? Refusal.denied(e.getMessage())
                    : Refusal.unauthenticated(e.reason().name(), e.getMessage());
        }
    }

    /** What the one authorization header holds. */
    private static String bearer(Metadata headers) throws Unauthenticated {
        Iterable<String> all = headers.getAll(AUTHORIZATION);
        if (all == null) {
            throw new Unauthenticated(Unauthenticated.Reason.TOKEN_MISSING);
        }
        Iterator<String> values = all.iterator();
        String value = values.next();
        if (values.hasNext() || !value.toLowerCase(Locale.ROOT).startsWith(SCHEME)) {
            throw new Unauthenticated(Unauthenticated.Reason.TOKEN_INVALID);
        }
        return value.substring(SCHEME.length());
    }

    /** Looks at the project that the first message names, before the method sees it. */
    private static final class OfOneProject<Q> extends SimpleForwardingServerCallListener<Q> {
        private final Principal principal;
        private final Rule rule;
        private boolean looked;

        private OfOneProject(ServerCall.Listener<Q> listener, Principal principal, Rule rule) {
            super(listener);
            this.principal = principal;
            this.rule = rule;
        }

        @Override
        public void onMessage(Q message) {
            if (!looked && rule.resource() != null) {
                String project = Rule.project(rule.resource().apply(message));
                if (!principal.isOf(project)) {
                    throw Refusal.denied("the token is of project " + principal.project() + " and opens no other");
                }
            }
            looked = true;
            super.onMessage(message);
        }
    }
}
