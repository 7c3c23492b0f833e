package dev.ternion.server;

import dev.ternion.api.v1.FileChunk;
import dev.ternion.api.v1.UploadedFile;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/**
 * The server's side of an import: header, then pieces, then the import itself; the folder of the pieces never outlives
 * the call. Runs on the bounded executor, one message at a time: the next is asked for when this one is on disk.
 *
 * @param <Q> request
 * @param <H> header
 * @param <R> response
 */
final class ImportStream<Q, H, R> implements StreamObserver<Q> {
    /** What an import does with its parts. */
    interface Target<H, R> {
        /** Checks the header; the server path in it, empty if the contents follow as pieces. */
        String begin(H header) throws IOException;

        /** Files in the header that were uploaded before. */
        List<UploadedFile> uploads(H header);

        /** Imports what came as pieces, or what the server path names. */
        R finish(H header, Path source) throws IOException;
    }

    private final Function<Q, H> headers;
    private final Function<Q, FileChunk> chunks;
    private final Target<H, R> target;
    private final Function<UploadFolder, Path> uploaded;
    private final ImportSources sources;
    private final ServerCallStreamObserver<R> client;
    private H header;
    private String serverPath;
    private UploadFolder upload;
    private boolean over;

    /**
     * @param headers header of a message, or null
     * @param chunks piece in a message, or null
     * @param uploaded which path of an upload is imported
     */
    ImportStream(
            Function<Q, H> headers,
            Function<Q, FileChunk> chunks,
            Target<H, R> target,
            Function<UploadFolder, Path> uploaded,
            ImportSources sources,
            StreamObserver<R> client) {
        this.headers = headers;
        this.chunks = chunks;
        this.target = target;
        this.uploaded = uploaded;
        this.sources = sources;
        this.client = (ServerCallStreamObserver<R>) client;
        this.client.setOnCancelHandler(this::release);
    }

    @Override
    public void onNext(Q message) {
        guarded(() -> take(message));
    }

    @Override
    public void onError(Throwable thrown) {
        release();
    }

    @Override
    public void onCompleted() {
        guarded(() -> {
            if (header == null) {
                throw Refusal.invalid("UPLOAD_INVALID", "header", "never came; send it first");
            }
            if (upload != null) {
                sources.copy(target.uploads(header), upload);
            }
            Path source = upload == null ? sources.serverPath(serverPath) : uploaded.apply(upload);
            R imported = target.finish(header, source);
            release();
            client.onNext(imported);
            client.onCompleted();
        });
    }

    private void take(Q message) throws IOException {
        H first = headers.apply(message);
        FileChunk chunk = chunks.apply(message);
        if (header == null) {
            begin(first);
        } else if (chunk == null) {
            throw Refusal.invalid("UPLOAD_INVALID", "part", "is a second header or nothing, wanted a chunk");
        } else if (upload == null) {
            throw Refusal.invalid("UPLOAD_INVALID", "chunk", "came although header.server_path is given");
        } else {
            upload.add(chunk);
        }
    }

    private void begin(H first) throws IOException {
        if (first == null) {
            throw Refusal.invalid("UPLOAD_INVALID", "part", "is no header, wanted the header first");
        }
        header = first;
        serverPath = target.begin(first);
        List<UploadedFile> uploads = target.uploads(first);
        if (serverPath.isEmpty()) {
            sources.requireFinalized(uploads);
            upload = sources.upload();
        } else if (!uploads.isEmpty()) {
            throw Refusal.invalid("UPLOAD_INVALID", "header.uploads", "came although header.server_path is given");
        }
    }

    private void guarded(StreamStep step) {
        if (!over) {
            StreamStep.take(step, "the import took too long", this::release);
        }
    }

    private void release() {
        over = true;
        if (upload != null) {
            upload.close();
            upload = null;
        }
    }
}
