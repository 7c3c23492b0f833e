package dev.ternion.server;

import com.google.protobuf.UnsafeByteOperations;
import dev.ternion.api.v1.DownloadArtifactResponse;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.concurrent.Executor;

/** Sends a file in pieces, each read when the client takes it; closes the file whatever happens. */
final class DownloadStream {
    private final SeekableByteChannel file;
    private final StoredFile stored;
    private final ServerCallStreamObserver<DownloadArtifactResponse> client;
    private final Context context = Context.current();
    private final SerialTask pump;
    private long offset;
    private boolean sentAny;
    private boolean ended;

    /** @param stored with its digest */
    DownloadStream(
            SeekableByteChannel file,
            StoredFile stored,
            long offset,
            ServerCallStreamObserver<DownloadArtifactResponse> client,
            Executor executor) {
        this.file = file;
        this.stored = stored;
        this.offset = offset;
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
        boolean left = !sentAny || offset < stored.size();
        while (left && client.isReady() && !client.isCancelled()) {
            client.onNext(next());
            left = offset < stored.size();
        }
        if (!left) {
            end();
            client.onCompleted();
        }
    }

    private DownloadArtifactResponse next() throws IOException {
        int size = (int) Math.min(ServerSettings.DOWNLOAD_CHUNK_BYTES, stored.size() - offset);
        ByteBuffer piece = ByteBuffer.allocate(size);
        file.position(offset);
        while (piece.hasRemaining()) {
            if (file.read(piece) < 0) {
                throw new IOException(stored.path() + " ends at " + (offset + piece.position()) + ", wanted "
                        + stored.size() + " bytes");
            }
        }
        DownloadArtifactResponse message = DownloadArtifactResponse.newBuilder()
                .setOffset(offset)
                .setData(UnsafeByteOperations.unsafeWrap(piece.flip()))
                .setTotalSize(stored.size())
                .setSha256(stored.sha256())
                .build();
        offset += size;
        sentAny = true;
        return message;
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
