package dev.ternion.objects.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ternion.artifact.Digests;
import dev.ternion.objects.ObjectStoreContract;
import dev.ternion.objects.UploadLimits;
import dev.ternion.objects.Uploads;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.s3.S3Client;

/** Objects in a bucket of a real S3 server, which checks signatures. */
class S3StoreIT extends ObjectStoreContract {
    private static final long PART = 5L << 20;

    private static TestS3 s3;

    private Bucket bucket;
    private S3Store store;

    @BeforeAll
    static void start() throws Exception {
        s3 = new TestS3();
    }

    @AfterAll
    static void stop() throws Exception {
        s3.close();
    }

    @Override
    protected S3Store store() {
        bucket = s3.bucket();
        S3Client client = s3.client(s3.endpoint(), TestS3.SECRET);
        client.putObject(
                request -> request.bucket(bucket.name()).key("some/other"),
                software.amazon.awssdk.core.sync.RequestBody.fromString("not ours"));
        store = new S3Store(client, bucket, PART);
        return store;
    }

    @AfterEach
    void close() {
        store.close();
    }

    /** Two whole parts and a rest. */
    @Test
    void aLargeFileIsSentInParts() throws Exception {
        Path file = Files.write(folder.resolve("large"), bytes((int) (2 * PART) + 77));
        store.put("large", file, Digests.sha256(file));
        assertThat(store.size("large").getAsLong()).isEqualTo(2 * PART + 77);
        try (InputStream in = store.open("large", 0)) {
            assertThat(in.readAllBytes()).isEqualTo(bytes((int) (2 * PART) + 77));
        }
        assertThat(s3.unfinished(bucket)).isEmpty();
        assertThat(store.list("")).containsExactly("large");
    }

    /** What is wrong with the server or the key is no answer: least of all that an object is not there. */
    @Test
    void faultsAreErrors() throws Exception {
        Path file = Files.write(folder.resolve("file"), bytes(5));
        for (S3Store wrong : List.of(
                new S3Store(s3.client(s3.endpoint(), "wrong-secret"), bucket, PART),
                new S3Store(s3.client(URI.create("http://127.0.0.1:1"), TestS3.SECRET), bucket, PART),
                new S3Store(
                        s3.client(s3.endpoint(), TestS3.SECRET), new Bucket("no-such", "", bucket.endpoint()), PART))) {
            assertThatThrownBy(() -> wrong.put("a", file, Digests.sha256(file)))
                    .isInstanceOf(IOException.class)
                    .isNotInstanceOf(NoSuchFileException.class)
                    .hasMessageNotContaining("secret");
            assertThatThrownBy(() -> wrong.list("")).isInstanceOf(IOException.class);
            assertThat(file).exists();
            wrong.close();
        }
        assertThatThrownBy(() -> new S3Store(s3.client(s3.endpoint(), "wrong-secret"), bucket, PART).size("a"))
                .isInstanceOf(IOException.class);
    }

    @Test
    void uploadsBecomeObjectsOfTheBucket_alsoAfterARestart() throws Exception {
        byte[] content = bytes(100_000);
        String digest = Digests.sha256(Files.write(folder.resolve("content"), content));
        Uploads uploads = new Uploads(folder.resolve("incoming"), store, UploadLimits.DEFAULT, Clock.systemUTC());
        uploads.create("some-file", content.length);
        Uploads.Writing writing = uploads.write("some-file");
        writing.write(0, ByteBuffer.wrap(content));
        writing.end();
        uploads.finish("some-file", digest);
        assertThat(store.list("")).containsExactly("uploads/some-file_" + digest);
        Uploads restarted = new Uploads(folder.resolve("incoming"), store, UploadLimits.DEFAULT, Clock.systemUTC());
        try (InputStream in = restarted.open("some-file", 10)) {
            assertThat(in.readAllBytes()).isEqualTo(Arrays.copyOfRange(content, 10, content.length));
        }
        restarted.delete("some-file");
        assertThat(store.list("")).isEmpty();
    }
}
