package dev.ternion.server;

import com.google.protobuf.Message;
import com.google.rpc.Code;
import dev.ternion.api.v1.CreateJobRequest;
import dev.ternion.api.v1.ForkJobRequest;
import dev.ternion.auth.Principal;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/** Notes how calls end in the audit log, before their clients learn it. */
final class AuditInterceptor implements ServerInterceptor {
    private final Audit audit;

    AuditInterceptor(Audit audit) {
        this.audit = audit;
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        if (CallPools.tooMuch(headers) > 0) {
            return next.startCall(call, headers); // to be refused by threads that must not wait for a disk
        }
        AuditNote note = new AuditNote(Principal.ANYONE);
        Noted<Q, R> noted = new Noted<>(call, note, RequestIdInterceptor.CURRENT.get());
        Context context = Context.current().withValue(AuditNote.CURRENT, note);
        return new Watched<>(Contexts.interceptCall(context, noted, headers, next), noted);
    }

    /** A call whose end is noted once. */
    private final class Noted<Q, R> extends SimpleForwardingServerCall<Q, R> {
        private final AuditNote note;
        private final String request;
        private final AtomicBoolean over = new AtomicBoolean();
        private boolean answered;

        private Noted(ServerCall<Q, R> call, AuditNote note, String request) {
            super(call);
            this.note = note;
            this.request = request;
        }

        @Override
        public void sendMessage(R message) {
            if (!answered) {
                answered = true;
                takeAnswer(message);
            }
            super.sendMessage(message);
        }

        @Override
        public void close(Status status, Metadata trailers) {
            if (note(status.getCode())) {
                super.close(status, trailers);
            } else {
                StatusRuntimeException lost = StatusProto.toStatusRuntimeException(Refusal.later(
                                Code.UNAVAILABLE,
                                "DRAINING",
                                "the audit log cannot be written: the call may have been done or not",
                                Map.of(),
                                Duration.ofSeconds(5))
                        .status());
                super.close(lost.getStatus(), lost.getTrailers());
            }
        }

        private boolean note(Status.Code result) {
            return !over.compareAndSet(false, true)
                    || audit.note(
                            getMethodDescriptor().getFullMethodName(),
                            result,
                            note,
                            request == null ? "" : request,
                            String.valueOf(getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)));
        }

        /** Of a change, the resource that was changed; nothing when it is gone or has no name. */
        private void takeAnswer(Object message) {
            String name = Audit.nameIn(message);
            note.about(name);
            if (!name.isEmpty()
                    && !note.isCheckedOnly()
                    && Permissions.of(getMethodDescriptor().getFullMethodName())
                            .filter(Rule::changes)
                            .isPresent()) {
                note.after((Message) message);
            }
        }

        private void take(Object message) {
            Permissions.of(getMethodDescriptor().getFullMethodName())
                    .filter(rule -> rule.resource() != null)
                    .ifPresent(rule -> note.about(rule.resource().apply(message)));
            if (message instanceof CreateJobRequest create && create.getValidateOnly()
                    || message instanceof ForkJobRequest fork && fork.getValidateOnly()) {
                note.checksOnly();
            }
        }
    }

    private static final class Watched<Q> extends SimpleForwardingServerCallListener<Q> {
        private final Noted<Q, ?> call;

        private Watched(ServerCall.Listener<Q> listener, Noted<Q, ?> call) {
            super(listener);
            this.call = call;
        }

        @Override
        public void onMessage(Q message) {
            call.take(message);
            super.onMessage(message);
        }

        @Override
        public void onCancel() {
            call.note(Status.Code.CANCELLED);
            super.onCancel();
        }
    }
}
