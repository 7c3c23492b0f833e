package dev.ternion.objects.s3;

import dev.ternion.artifact.Digests;
import dev.ternion.objects.DigestMismatch;
import dev.ternion.objects.ObjectName;
import dev.ternion.objects.ObjectStore;
import dev.ternion.objects.ObjectsUnavailable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Objects in a bucket. S3 shows an object when all its bytes are there and safe, so a put is whole or nothing. The files that are put are
 * read twice: for the digest, and to be sent.
 */
public final class S3Store implements ObjectStore, AutoCloseable {
    private static final int NOT_FOUND = 404;

    private final S3Client client;
    private final Bucket bucket;
    private final long part;

    /** On a client that is closed with it. */
    S3Store(S3Client client, Bucket bucket, long part) {
        this.client = client;
        this.bucket = bucket;
        this.part = part;
    }

    /**
     * With the keys and the region of the environment. Whether the bucket can be reached shows with the first call.
     *
     * @throws IOException if the environment lacks what the SDK needs
     */
    public static S3Store open(Bucket bucket) throws IOException {
        try {
            return new S3Store(S3Clients.of(bucket).build(), bucket, Parts.SIZE);
        } catch (SdkException e) {
            throw new ObjectsUnavailable("bucket " + bucket.name() + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void put(String name, Path file, String sha256) throws IOException {
        String key = key(name);
        if (!Files.exists(file) && size(name).isPresent()) {
            return;
        }
        String seen = Digests.sha256(file);
        if (!seen.equals(sha256)) {
            throw new DigestMismatch(name, sha256, seen);
        }
        calling(name, () -> {
            if (Files.size(file) <= part) {
                client.putObject(request -> request.bucket(bucket.name()).key(key), RequestBody.fromFile(file));
            } else {
                new Parts(client, bucket.name(), key, file, part).send();
            }
            return null;
        });
        Files.delete(file);
    }

    @Override
    public OptionalLong size(String name) throws IOException {
        String key = key(name);
        try {
            return OptionalLong.of(calling(
                    name,
                    () -> client.headObject(
                                    request -> request.bucket(bucket.name()).key(key))
                            .contentLength()));
        } catch (NoSuchFileException e) {
            return OptionalLong.empty();
        }
    }

    @Override
    public InputStream open(String name, long offset) throws IOException {
        String key = key(name);
        long size = size(name).orElseThrow(() -> new NoSuchFileException(name));
        if (offset >= size) {
            return InputStream.nullInputStream(); // S3 has no name for an empty range
        }
        return calling(
                name,
                () -> client.getObject(GetObjectRequest.builder()
                        .bucket(bucket.name())
                        .key(key)
                        .range("bytes=" + offset + "-")
                        .build()));
    }

    @Override
    public void delete(String name) throws IOException {
        String key = key(name);
        calling(
                name,
                () -> client.deleteObject(
                        request -> request.bucket(bucket.name()).key(key)));
    }

    @Override
    public List<String> list(String prefix) throws IOException {
        return calling(
                prefix,
                () -> client
                        .listObjectsV2Paginator(
                                request -> request.bucket(bucket.name()).prefix(bucket.prefix() + prefix))
                        .contents()
                        .stream()
                        .map(S3Object::key)
                        .map(key -> key.substring(bucket.prefix().length()))
                        .sorted()
                        .toList());
    }

    @Override
    public void close() {
        client.close();
    }

    private String key(String name) {
        return bucket.prefix() + ObjectName.require(name);
    }

    /** A call of the SDK. */
    private interface Call<T> {
        T run() throws IOException;
    }

    private <T> T calling(String name, Call<T> call) throws IOException {
        try {
            return call.run();
        } catch (NoSuchKeyException e) {
            throw missing(name, e);
        } catch (S3Exception e) {
            if (e.statusCode() == NOT_FOUND
                    && e.awsErrorDetails() != null
                    && "NotFound".equals(e.awsErrorDetails().errorCode())) {
                throw missing(name, e);
            }
            throw new ObjectsUnavailable("bucket " + bucket.name() + ": " + e.getMessage(), e);
        } catch (SdkException e) {
            throw new ObjectsUnavailable("bucket " + bucket.name() + ": " + e.getMessage(), e);
        }
    }

    private static NoSuchFileException missing(String name, S3Exception cause) {
        NoSuchFileException missing = new NoSuchFileException(name);
        missing.initCause(cause);
        return missing;
    }
}
