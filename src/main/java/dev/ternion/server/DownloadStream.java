package dev.ternion.server;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.concurrent.Executor;

/**
 * Sends a range of a file in pieces, each read when the client takes it; closes the file whatever happens.
 *
 * @param <R> message with a piece
 */
final class DownloadStream<R> {
    /** Makes a message. */
    interface Message<R> {
        /** @param offset place of the first byte in the file */
        R of(long offset, ByteString data);
    }

    private final ReadableByteChannel file;
    private final long end;
    private final Message<R> message;
    private final ServerCallStreamObserver<R> client;
    private final Context context = Context.current();
    private final SerialTask pump;
    private long offset;
    private boolean sentAny;
    private boolean ended;

    /**
     * @param file that gives the byte at {@code from} next
     * @param end place after the last byte
     */
    DownloadStream(
            ReadableByteChannel file,
            long from,
            long end,
            Message<R> message,
            ServerCallStreamObserver<R> client,
            Executor executor) {
        this.file = file;
        this.offset = from;
        this.end = end;
        this.message = message;
        this.client = client;
        this.pump = new SerialTask(executor, this::pump);
        client.setOnReadyHandler(pump::wake);
        client.setOnCancelHandler(pump::wake);
    }

    void start() {
        pump.wake();
    }

    private void pump() {
        if (ended) {
            return;
        }
        try {
            send();
        } catch (IOException | RuntimeException e) {
            end();
            client.onError(Errors.toStatus(e));
        }
    }

    private void send() throws IOException {
        if (client.isCancelled()) {
            end();
            return;
        }
        if (context.isCancelled()) {
            throw Status.DEADLINE_EXCEEDED
                    .withDescription("the download took too long")
                    .asRuntimeException();
        }
        boolean left = !sentAny || offset < end;
        while (left && client.isReady() && !client.isCancelled()) {
            client.onNext(next());
            left = offset < end;
        }
        if (!left) {
            end();
            client.onCompleted();
        }
    }

    private R next() throws IOException {
        int size = (int) Math.min(ServerSettings.DOWNLOAD_CHUNK_BYTES, end - offset);
        ByteBuffer piece = ByteBuffer.allocate(size);
        while (piece.hasRemaining()) {
            if (file.read(piece) < 0) {
                throw new IOException("a file ends at " + (offset + piece.position()) + ", wanted " + end + " bytes");
            }
        }
        R made = message.of(offset, UnsafeByteOperations.unsafeWrap(piece.flip()));
        offset += size;
        sentAny = true;
        return made;
    }

    private void end() {
        ended = true;
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
