package dev.ternion.cli;

import dev.ternion.api.v1.DeleteUploadRequest;
import dev.ternion.api.v1.UploadedFile;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;

/**
 * The files of an import in two kinds: large ones are sent one by one before it, so that a broken connection does not cost all of them;
 * the others are sent with it.
 */
final class LargeFiles {
    /** Bytes from which on a file is sent by itself. */
    static final long LARGE = 8L << 20;

    private static final int CALL_SECONDS = 60;

    private final Connection connection;
    private final List<UploadFiles.Entry> small = new ArrayList<>();
    private final List<UploadedFile> uploaded = new ArrayList<>();

    private LargeFiles(Connection connection) {
        this.connection = connection;
    }

    /** Sends what is large. */
    static LargeFiles send(Connection connection, List<UploadFiles.Entry> files)
            throws IOException, InterruptedException {
        LargeFiles sorted = new LargeFiles(connection);
        for (UploadFiles.Entry entry : files) {
            if (entry.file().isPresent() && Files.size(entry.file().get()) >= LARGE) {
                String name = new ResumableUpload(connection, entry.file().get()).run();
                sorted.uploaded.add(UploadedFile.newBuilder()
                        .setPath(entry.path())
                        .setUpload(name)
                        .build());
            } else {
                sorted.small.add(entry);
            }
        }
        return sorted;
    }

    /** For the header of the import. */
    List<UploadedFile> uploaded() {
        return uploaded;
    }

    /** To be sent with it. */
    List<UploadFiles.Entry> small() {
        return small;
    }

    /** After the import: the server has copied them. What cannot be deleted expires. */
    void delete() {
        for (UploadedFile file : uploaded) {
            try {
                connection
                        .uploads(CALL_SECONDS, TimeUnit.SECONDS)
                        .deleteUpload(DeleteUploadRequest.newBuilder()
                                .setName(file.getUpload())
                                .build());
            } catch (StatusRuntimeException e) {
                LoggerFactory.getLogger(LargeFiles.class).debug("{} stays until it expires", file.getUpload(), e);
            }
        }
    }
}
