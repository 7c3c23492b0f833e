package dev.ternion.server;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A call of any method with one message, made from what the server says of itself. */
final class AnyCall {
    /** Fields that name a resource. */
    private static final Set<String> NAMES = Set.of("name", "parent", "resource_name");

    private static final String DONE = "seen enough";

    private AnyCall() {}

    /** Whether a message of this method names a resource. */
    static boolean namesAResource(MethodDescriptor<?, ?> method) {
        return !message(method, "projects/some/jobs/none").equals(prototype(method));
    }

    /** A message that names a resource in whichever way the method has. */
    static Message message(MethodDescriptor<?, ?> method, String resource) {
        return named(prototype(method), resource);
    }

    /** How the call ended; OK as soon as the server has sent a message, which it does for nobody it refuses. */
    static Status status(Channel channel, MethodDescriptor<?, ?> method, Message request) throws Exception {
        return send(channel, method, request);
    }

    private static Message named(Message message, String resource) {
        Message.Builder builder = message.toBuilder();
        for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
            if (NAMES.contains(field.getName())) {
                return builder.setField(field, resource).build();
            }
        }
        FieldDescriptor header = message.getDescriptorForType().findFieldByName("header");
        return header == null
                ? message
                : builder.setField(header, named((Message) builder.getField(header), resource))
                        .build();
    }

    private static Message prototype(MethodDescriptor<?, ?> method) {
        Object marshaller = method.getRequestMarshaller();
        return (Message) ((MethodDescriptor.PrototypeMarshaller<?>) marshaller).getMessagePrototype();
    }

    @SuppressWarnings("unchecked") // the message is of the method's own type
    private static <Q, R> Status send(Channel channel, MethodDescriptor<Q, R> method, Message request)
            throws Exception {
        CompletableFuture<Status> end = new CompletableFuture<>();
        ClientCall<Q, R> call = channel.newCall(method, CallOptions.DEFAULT.withDeadlineAfter(1, TimeUnit.MINUTES));
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onMessage(R message) {
                        end.complete(Status.OK);
                    }

                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        end.complete(status);
                    }
                },
                new Metadata());
        call.request(1);
        call.sendMessage((Q) request);
        call.halfClose();
        Status status = end.get(1, TimeUnit.MINUTES);
        call.cancel(DONE, null);
        return status;
    }
}
