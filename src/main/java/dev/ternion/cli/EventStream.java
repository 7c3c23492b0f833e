package dev.ternion.cli;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * One call of a watch, read by pulling: at most {@link #WINDOW} events are under way.
 *
 * @param <Q> its request
 * @param <T> its events
 */
final class EventStream<Q, T> implements AutoCloseable {
    private static final int WINDOW = 64;

    /** An event, or the end of the stream. */
    private record Item<T>(T event, Status end) {}

    private final LinkedBlockingQueue<Item<T>> items = new LinkedBlockingQueue<>();
    private final Context.CancellableContext context = Context.current().withCancellation();
    private volatile ClientCallStreamObserver<Q> call;
    private boolean ended;

    EventStream(Channel channel, MethodDescriptor<Q, T> method, Q request) {
        context.run(() -> ClientCalls.asyncServerStreamingCall(
                channel.newCall(method, CallOptions.DEFAULT), request, new Receiver()));
    }

    /**
     * The next event; empty after the last one.
     *
     * @throws StatusRuntimeException if the stream broke, or nothing came in time (DEADLINE_EXCEEDED)
     */
    Optional<T> next(long timeoutMs) throws InterruptedException {
        if (ended) {
            return Optional.empty();
        }
        Item<T> item = items.poll(timeoutMs, TimeUnit.MILLISECONDS);
        if (item == null) {
            throw Status.DEADLINE_EXCEEDED
                    .withDescription("nothing came for " + timeoutMs + " ms")
                    .asRuntimeException();
        }
        if (item.event != null) {
            call.request(1);
            return Optional.of(item.event);
        }
        ended = true;
        if (!item.end.isOk()) {
            throw item.end.asRuntimeException();
        }
        return Optional.empty();
    }

    @Override
    public void close() {
        context.cancel(null);
    }

    /** Puts what comes into the queue. */
    private final class Receiver implements ClientResponseObserver<Q, T> {
        @Override
        public void beforeStart(ClientCallStreamObserver<Q> stream) {
            call = stream;
            stream.disableAutoRequestWithInitial(WINDOW);
        }

        @Override
        public void onNext(T event) {
            items.add(new Item<>(event, null));
        }

        @Override
        public void onError(Throwable problem) {
            items.add(new Item<>(null, Status.fromThrowable(problem)));
        }

        @Override
        public void onCompleted() {
            items.add(new Item<>(null, Status.OK));
        }
    }
}
