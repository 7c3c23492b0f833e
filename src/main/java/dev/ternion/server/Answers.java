package dev.ternion.server;

import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Answers a call with one message that may need the disk. */
final class Answers {
    private Answers() {}

    /** Makes a message. */
    interface Source<T> {
        T get() throws IOException;
    }

    static <T> void send(StreamObserver<T> client, Source<T> source) {
        T message;
        try {
            message = source.get();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        client.onNext(message);
        client.onCompleted();
    }
}
