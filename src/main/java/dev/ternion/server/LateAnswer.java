package dev.ternion.server;

import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/** Answers a call when something has happened; until then the call holds no thread. */
final class LateAnswer {
    private LateAnswer() {}

    /** Makes a message of what has happened. */
    interface Message<E, T> {
        T of(E event) throws IOException;
    }

    /**
     * Answers when {@code event} is there, or has failed; a call that ends before cancels it.
     *
     * @param message made by the executor, which may wait for the disk
     */
    static <E, T> void send(
            ServerCallStreamObserver<T> client, CompletableFuture<E> event, Message<E, T> message, Executor executor) {
        client.setOnCancelHandler(() -> event.cancel(false));
        Context.current()
                .addListener(
                        ended -> event.completeExceptionally(Status.DEADLINE_EXCEEDED
                                .withDescription("what was asked for has not happened in time, and may happen yet")
                                .asRuntimeException()),
                        Runnable::run);
        event.whenCompleteAsync((found, problem) -> answer(client, found, problem, message), executor);
    }

    private static <E, T> void answer(
            ServerCallStreamObserver<T> client, E event, Throwable problem, Message<E, T> message) {
        if (client.isCancelled()) {
            return;
        }
        T answer;
        try {
            if (problem != null) {
                throw problem instanceof CompletionException ? problem.getCause() : problem;
            }
            answer = message.of(event);
        } catch (Throwable e) {
            client.onError(Errors.toStatus(e));
            return;
        }
        client.onNext(answer);
        client.onCompleted();
    }
}
