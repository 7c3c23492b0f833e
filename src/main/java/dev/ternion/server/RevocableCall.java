package dev.ternion.server;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;

/** A call that another thread may end with an error: what its method sends afterwards is dropped. */
final class RevocableCall<Q, R> extends SimpleForwardingServerCall<Q, R> {
    private boolean revoked;
    private boolean closed;

    RevocableCall(ServerCall<Q, R> call) {
        super(call);
    }

    /** Ends the call, unless it has ended; whether this did it. */
    synchronized boolean revoke(Refusal refusal) {
        if (closed) {
            return false;
        }
        revoked = true;
        closed = true;
        StatusRuntimeException status = StatusProto.toStatusRuntimeException(refusal.status());
        try {
            super.close(status.getStatus(), status.getTrailers());
            return true;
        } catch (IllegalStateException endedByAnother) {
            return false;
        }
    }

    synchronized boolean isRevoked() {
        return revoked;
    }

    @Override
    public synchronized void sendHeaders(Metadata headers) {
        if (!closed) {
            super.sendHeaders(headers);
        }
    }

    @Override
    public synchronized void sendMessage(R message) {
        if (!closed) {
            super.sendMessage(message);
        }
    }

    @Override
    public synchronized void close(Status status, Metadata trailers) {
        if (!closed) {
            closed = true;
            super.close(status, trailers);
        }
    }

    @Override
    public boolean isCancelled() {
        return isRevoked() || super.isCancelled();
    }
}
