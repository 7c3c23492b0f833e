package dev.ternion.cli;

import dev.ternion.api.v1.ArtifactServiceGrpc;
import dev.ternion.api.v1.DownloadArtifactRequest;
import dev.ternion.api.v1.DownloadArtifactResponse;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Iterator;

/**
 * Downloads one file: into a file beside it, through broken streams, renamed when the digest is right. What a broken download has left there,
 * also that of another process, is gone on with.
 */
final class Download {
    private static final int MAX_FAILURES = 5;
    private static final int BUFFER_BYTES = 1 << 16;

    private final Connection connection;
    private final String name;
    private final Path target;
    private final Sha256 sha256 = new Sha256();
    private long received;
    private String wanted = "";

    /**
     * A download.
     *
     * @param name resource name of the file
     * @param target where it goes; replaced if it is there
     */
    Download(Connection connection, String name, Path target) {
        this.connection = connection;
        this.name = name;
        this.target = target;
    }

    /** Returns the file's SHA-256. */
    String run() throws IOException {
        Path part = target.resolveSibling("." + target.getFileName() + ".part");
        takeUp(part);
        try (OutputStream out = Files.newOutputStream(part, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            receiveAll(out);
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.OUT_OF_RANGE) {
                Files.deleteIfExists(part); // it was another file's
            }
            throw e;
        }
        String found = sha256.hex();
        if (!found.equals(wanted)) {
            Files.deleteIfExists(part);
            throw new CliException(
                    ExitCode.INTERNAL,
                    name + " came with SHA-256 " + found + ", wanted " + wanted + "; nothing was kept. Try again.");
        }
        Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
        return found;
    }

    private void takeUp(Path part) throws IOException {
        if (Files.isRegularFile(part)) {
            byte[] buffer = new byte[BUFFER_BYTES];
            try (InputStream in = Files.newInputStream(part)) {
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    sha256.update(buffer, n);
                    received += n;
                }
            }
        }
    }

    private void receiveAll(OutputStream out) throws IOException {
        int failures = 0;
        while (true) {
            long before = received;
            try {
                receive(out);
                return;
            } catch (StatusRuntimeException e) {
                failures = received > before ? 1 : failures + 1;
                if (e.getStatus().getCode() != Status.Code.UNAVAILABLE || failures > MAX_FAILURES) {
                    throw e;
                }
            }
        }
    }

    private void receive(OutputStream out) throws IOException {
        Context.CancellableContext context = Context.current().withCancellation();
        Context outer = context.attach();
        try {
            Iterator<DownloadArtifactResponse> pieces = ArtifactServiceGrpc.newBlockingStub(connection.channel())
                    .downloadArtifact(DownloadArtifactRequest.newBuilder()
                            .setName(name)
                            .setOffset(received)
                            .build());
            while (pieces.hasNext()) {
                DownloadArtifactResponse piece = pieces.next();
                if (piece.getOffset() != received) {
                    throw new CliException(
                            ExitCode.INTERNAL, name + ": got offset " + piece.getOffset() + ", wanted " + received);
                }
                byte[] data = piece.getData().toByteArray();
                out.write(data);
                sha256.update(data, data.length);
                received += data.length;
                wanted = piece.getSha256();
            }
        } finally {
            context.detach(outer);
            context.cancel(null);
        }
    }
}
