package dev.ternion.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.api.v1.JobEvent;
import dev.ternion.api.v1.JobServiceGrpc;
import dev.ternion.api.v1.WatchJobRequest;
import dev.ternion.auth.Principal;
import dev.ternion.auth.Role;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RevocableCallTest {
    private final List<String> sent = new ArrayList<>();
    private final List<String> heard = new ArrayList<>();
    private final RevocableCall<WatchJobRequest, JobEvent> call = new RevocableCall<>(new Wire());
    private final FixedTokens tokens = new FixedTokens();
    private final OpenStreams streams = new OpenStreams();
    private final Principal principal = new Principal("token:viewer@default", Role.VIEWER, "default");

    @Test
    void nothingIsSentAfterARevocationAndTheMethodHearsThatItsClientLeft() {
        ServerCall.Listener<WatchJobRequest> listener = streams.hold(principal, call, Heard::new);
        call.sendHeaders(new Metadata());
        call.sendMessage(JobEvent.getDefaultInstance());
        streams.endOthersThan(tokens);
        assertThat(sent).containsExactly("headers", "message");
        tokens.revoke("viewer@default");
        streams.endOthersThan(tokens);
        assertThat(sent).containsExactly("headers", "message", "UNAUTHENTICATED");
        assertThat(call.isCancelled()).isTrue();
        call.sendMessage(JobEvent.getDefaultInstance());
        call.close(Status.OK, new Metadata());
        streams.endOthersThan(tokens);
        listener.onMessage(WatchJobRequest.getDefaultInstance());
        listener.onHalfClose();
        listener.onComplete();
        assertThat(sent).hasSize(3);
        assertThat(heard).containsExactly("cancel");
        assertThat(streams.count()).isZero();
    }

    @Test
    void aCallThatHasEndedIsNotEndedAgain() {
        ServerCall.Listener<WatchJobRequest> listener = streams.hold(principal, call, Heard::new);
        call.close(Status.OK, new Metadata());
        tokens.revoke("viewer@default");
        streams.endOthersThan(tokens);
        listener.onComplete();
        assertThat(sent).containsExactly("OK");
        assertThat(heard).containsExactly("complete");
    }

    /** An interceptor further out may have ended the call, which this one does not see. */
    @Test
    void aCallThatAnotherHasEndedStopsNobody() {
        streams.hold(principal, call, Heard::new);
        sent.add("OK");
        tokens.revoke("viewer@default");
        streams.endOthersThan(tokens);
        assertThat(sent).containsExactly("OK");
    }

    private final class Heard extends ServerCall.Listener<WatchJobRequest> {
        @Override
        public void onMessage(WatchJobRequest message) {
            heard.add("message");
        }

        @Override
        public void onHalfClose() {
            heard.add("half close");
        }

        @Override
        public void onCancel() {
            heard.add("cancel");
        }

        @Override
        public void onComplete() {
            heard.add("complete");
        }
    }

    /** Refuses a second close, as gRPC does. */
    private final class Wire extends ServerCall<WatchJobRequest, JobEvent> {
        @Override
        public void request(int count) {}

        @Override
        public void sendHeaders(Metadata headers) {
            sent.add("headers");
        }

        @Override
        public void sendMessage(JobEvent message) {
            sent.add("message");
        }

        @Override
        public void close(Status status, Metadata trailers) {
            if (sent.contains("OK")) {
                throw new IllegalStateException("call already closed");
            }
            sent.add(status.getCode().name());
        }

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public MethodDescriptor<WatchJobRequest, JobEvent> getMethodDescriptor() {
            return JobServiceGrpc.getWatchJobMethod();
        }
    }
}
