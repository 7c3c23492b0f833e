package dev.ternion.objects.s3;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/** A file that is too large for one request: sent in parts, which become the object together. Nothing of it is kept in memory. */
final class Parts {
    /** Bytes of a part; 10,000 parts are an object at most. */
    static final long SIZE = 64L << 20;

    private static final String TYPE = "application/octet-stream";

    private final S3Client client;
    private final String bucket;
    private final String key;
    private final Path file;
    private final long part;

    Parts(S3Client client, String bucket, String key, Path file, long part) {
        this.client = client;
        this.bucket = bucket;
        this.key = key;
        this.file = file;
        this.part = part;
    }

    /** Sends all; when that fails, what was sent is given up. */
    void send() throws IOException {
        String upload = client.createMultipartUpload(
                        request -> request.bucket(bucket).key(key))
                .uploadId();
        try {
            List<CompletedPart> done = new ArrayList<>();
            long size = Files.size(file);
            for (long at = 0; at < size; at += part) {
                done.add(send(upload, done.size() + 1, at, Math.min(part, size - at)));
            }
            client.completeMultipartUpload(request ->
                    request.bucket(bucket).key(key).uploadId(upload).multipartUpload(all -> all.parts(done)));
        } catch (SdkException | UncheckedIOException e) {
            abort(upload);
            throw e;
        }
    }

    private CompletedPart send(String upload, int number, long at, long length) {
        RequestBody body = RequestBody.fromContentProvider(() -> open(at), length, TYPE);
        String tag = client.uploadPart(
                        request -> request.bucket(bucket)
                                .key(key)
                                .uploadId(upload)
                                .partNumber(number)
                                .contentLength(length),
                        body)
                .eTag();
        return CompletedPart.builder().partNumber(number).eTag(tag).build();
    }

    /** For each try anew. The SDK reads no further than the length. */
    private InputStream open(long at) {
        try {
            return Channels.newInputStream(
                    FileChannel.open(file, StandardOpenOption.READ).position(at));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void abort(String upload) {
        try {
            client.abortMultipartUpload(
                    request -> request.bucket(bucket).key(key).uploadId(upload));
        } catch (SdkException e) {
            LoggerFactory.getLogger(Parts.class)
                    .warn("parts of {} stay in bucket {} until it removes them", key, bucket, e);
        }
    }
}
