package dev.ternion.server;

import com.google.protobuf.ByteString;
import dev.ternion.api.v1.WriteRequest;
import dev.ternion.api.v1.WriteResponse;
import dev.ternion.objects.Upload;
import dev.ternion.objects.Uploads;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The server's side of ByteStream.Write. Runs on the bounded executor, one message at a time: the next is asked for when this one is
 * written. What came is committed however the call ends.
 */
final class WriteStream implements StreamObserver<WriteRequest> {
    private static final String REASON = "UPLOAD_INVALID";

    private final Uploads uploads;
    private final ServerCallStreamObserver<WriteResponse> client;
    private String name;
    private Uploads.Writing writing;
    private long size;
    private long next;
    private boolean finished;
    private boolean over;

    WriteStream(Uploads uploads, ServerCallStreamObserver<WriteResponse> client) {
        this.uploads = uploads;
        this.client = client;
        client.setOnCancelHandler(this::giveUp);
    }

    @Override
    public void onNext(WriteRequest message) {
        guarded(() -> take(message));
    }

    @Override
    public void onError(Throwable thrown) {
        giveUp();
    }

    @Override
    public void onCompleted() {
        guarded(() -> {
            if (writing == null) {
                throw Refusal.invalid(REASON, "resource_name", "never came; send it with the first message");
            }
            over = true;
            Upload upload = writing.end();
            client.onNext(WriteResponse.newBuilder()
                    .setCommittedSize(upload.committed())
                    .build());
            client.onCompleted();
        });
    }

    private void take(WriteRequest message) throws IOException {
        if (writing == null) {
            begin(message);
        }
        check(message);
        for (ByteBuffer part : message.getData().asReadOnlyByteBufferList()) {
            int bytes = part.remaining();
            writing.write(next, part);
            next += bytes;
        }
        if (message.getFinishWrite()) {
            finished = true;
            if (next < size) {
                throw Refusal.precondition(
                        "UPLOAD_INCOMPLETE",
                        name,
                        "finish_write came after byte " + next + " of " + size + "; write the rest first");
            }
        }
    }

    private void begin(WriteRequest message) throws IOException {
        name = message.getResourceName();
        String id = ByteStreamGrpcService.id(name);
        next = message.getWriteOffset();
        size = uploads.get(id).size();
        writing = uploads.write(id);
    }

    private void check(WriteRequest message) {
        if (!message.getResourceName().isEmpty() && !message.getResourceName().equals(name)) {
            throw Refusal.invalid(
                    REASON,
                    "resource_name",
                    "is \"" + message.getResourceName() + "\" after \"" + name + "\": a call writes one upload");
        }
        if (finished) {
            throw Refusal.invalid(REASON, "finish_write", "came before this message, wanted nothing after it");
        }
        if (message.getWriteOffset() != next) {
            throw Refusal.invalid(
                    REASON,
                    "write_offset",
                    "is " + message.getWriteOffset() + ", wanted " + next + ", where the data before ended");
        }
        ByteString data = message.getData();
        if (data.size() > ServerSettings.MAX_UPLOAD_CHUNK_BYTES) {
            throw Refusal.invalid(
                    REASON,
                    "data",
                    "has " + data.size() + " bytes, wanted at most " + ServerSettings.MAX_UPLOAD_CHUNK_BYTES);
        }
    }

    private void guarded(StreamStep step) {
        if (!over) {
            StreamStep.take(step, "the write took too long; ask for the committed size and go on", this::giveUp);
        }
    }

    /** Commits what came, as the client may come back. */
    private void giveUp() {
        if (!over && writing != null) {
            try {
                writing.end();
            } catch (IOException e) {
                org.slf4j.LoggerFactory.getLogger(WriteStream.class).warn("what came of {} is not committed", name, e);
            }
        }
        over = true;
    }
}
