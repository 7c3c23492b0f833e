package dev.ternion.cli;

import com.google.protobuf.UnsafeByteOperations;
import dev.ternion.api.v1.ByteStreamGrpc;
import dev.ternion.api.v1.CreateUploadRequest;
import dev.ternion.api.v1.FinalizeUploadRequest;
import dev.ternion.api.v1.QueryWriteStatusRequest;
import dev.ternion.api.v1.Upload;
import dev.ternion.api.v1.WriteRequest;
import dev.ternion.api.v1.WriteResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * Sends one file, through broken connections. The upload is named by the file's digest: the same file sent again, also by another
 * process, goes on where the server has committed it.
 */
final class ResumableUpload {
    private static final int PIECE_BYTES = 1 << 20;
    private static final int MAX_FAILURES = 5;
    private static final long PAUSE_MILLIS = 200;
    private static final int MAX_FINALIZE_FAILURES = 30;
    private static final long FINALIZE_PAUSE_MILLIS = 2000;
    private static final int DIGITS = 40;
    private static final int CALL_SECONDS = 60;
    private static final int FINALIZE_MINUTES = 30;

    private final Connection connection;
    private final Path file;

    ResumableUpload(Connection connection, Path file) {
        this.connection = connection;
        this.file = file;
    }

    /** Returns the name of the finalized upload. */
    String run() throws IOException, InterruptedException {
        String sha256 = digest();
        Upload upload = connection
                .uploads(CALL_SECONDS, TimeUnit.SECONDS)
                .createUpload(CreateUploadRequest.newBuilder()
                        .setUploadId("sha256-" + sha256.substring(0, DIGITS))
                        .setSizeBytes(Files.size(file))
                        .build());
        if (upload.getSha256().isEmpty()) {
            sendAll(upload);
            finish(upload.getName(), sha256);
        }
        return upload.getName();
    }

    private String digest() throws IOException {
        Sha256 sha256 = new Sha256();
        byte[] buffer = new byte[PIECE_BYTES];
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                sha256.update(buffer, n);
            }
        }
        return sha256.hex();
    }

    private void sendAll(Upload upload) throws IOException, InterruptedException {
        int failures = 0;
        long best = -1;
        while (true) {
            try {
                long committed = committed(upload.getName());
                failures = committed > best ? 0 : failures;
                best = Math.max(best, committed);
                if (committed == upload.getSizeBytes()) {
                    return;
                }
                if (send(upload.getName(), committed) <= committed) {
                    throw new CliException(ExitCode.USAGE, file + " became shorter while it was sent. Try again.");
                }
            } catch (StatusRuntimeException e) {
                if (e.getStatus().getCode() != Status.Code.UNAVAILABLE || ++failures > MAX_FAILURES) {
                    throw e;
                }
                Thread.sleep(PAUSE_MILLIS << failures);
            }
        }
    }

    /** A server that still reads what an earlier call has given it refuses this one for as long. */
    private void finish(String name, String sha256) throws InterruptedException {
        for (int failures = 0; ; ) {
            try {
                connection
                        .uploads(FINALIZE_MINUTES, TimeUnit.MINUTES)
                        .finalizeUpload(FinalizeUploadRequest.newBuilder()
                                .setName(name)
                                .setSha256(sha256)
                                .build());
                return;
            } catch (StatusRuntimeException e) {
                if (e.getStatus().getCode() != Status.Code.UNAVAILABLE || ++failures > MAX_FINALIZE_FAILURES) {
                    throw e;
                }
                Thread.sleep(FINALIZE_PAUSE_MILLIS);
            }
        }
    }

    private long committed(String name) {
        return ByteStreamGrpc.newBlockingStub(connection.channel())
                .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS)
                .queryWriteStatus(QueryWriteStatusRequest.newBuilder()
                        .setResourceName(name)
                        .build())
                .getCommittedSize();
    }

    /** Sends what is left from an offset on; bytes that are committed then. */
    private long send(String name, long from) throws IOException, InterruptedException {
        UploadCall<WriteRequest, WriteResponse> call = new UploadCall<>();
        ByteStreamGrpc.newStub(connection.channel()).write(call);
        byte[] buffer = new byte[PIECE_BYTES];
        try (InputStream in = Files.newInputStream(file)) {
            in.skipNBytes(from);
            long at = from;
            for (int n = in.readNBytes(buffer, 0, PIECE_BYTES); n > 0; n = in.readNBytes(buffer, 0, PIECE_BYTES)) {
                call.send(WriteRequest.newBuilder()
                        .setResourceName(name)
                        .setWriteOffset(at)
                        .setData(UnsafeByteOperations.unsafeWrap(Arrays.copyOf(buffer, n)))
                        .build());
                at += n;
            }
            return call.finish().getCommittedSize();
        } catch (IOException | InterruptedException e) {
            call.cancel("the upload was given up", e);
            throw e;
        }
    }
}
