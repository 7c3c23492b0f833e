package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ternion.cli.ServeOptions.BucketAddress;
import dev.ternion.jobs.StoreUnavailable;
import dev.ternion.objects.FolderStore;
import dev.ternion.objects.ObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data folder, bucket and database belong together: with another one, what is missing would be taken for deleted. */
class LocalBucketTest {
    private static final Optional<BucketAddress> BUCKET =
            Optional.of(new BucketAddress("s3://some-bucket/prefix/", ""));
    private static final String JOBS = "a".repeat(32);

    @TempDir
    Path root;

    private ObjectStore store;
    private Path data;

    @BeforeEach
    void make() throws Exception {
        store = new FolderStore(root.resolve("objects"));
        data = root.resolve("data");
        Files.createDirectories(data.resolve("models/some-model"));
        Files.writeString(data.resolve("models/some-model/file"), "bytes");
    }

    private LocalBucket open(Optional<BucketAddress> bucket, String jobs) throws IOException {
        return LocalBucket.open(data, bucket, store, jobs, id -> Optional.empty(), () -> {});
    }

    private void refused(Optional<BucketAddress> bucket, String jobs, String... messages) {
        assertThatThrownBy(() -> open(bucket, jobs))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll(messages);
        assertThat(data.resolve("models/some-model/file")).exists();
    }

    @Test
    void withoutABucketNothingIsWritten() throws Exception {
        assertThat(open(Optional.empty(), JOBS).models()).isSameAs(DurableCopies.NONE);
        assertThat(data.resolve("bucket")).doesNotExist();
        assertThat(root.resolve("objects")).doesNotExist();
    }

    @Test
    void aFolderStaysWithItsBucket() throws Exception {
        assertThat(open(BUCKET, JOBS).models().has("some-model")).isTrue();
        assertThat(open(BUCKET, JOBS).models().has("some-model")).isTrue();
        refused(Optional.empty(), JOBS, "are kept in s3://some-bucket/prefix; name it with --objects");
        refused(Optional.of(new BucketAddress("s3://another", "")), JOBS, "are kept in s3://some-bucket/prefix;");
    }

    @Test
    void aBucketStaysWithItsDatabase() throws Exception {
        open(BUCKET, JOBS);
        data = Files.createDirectories(root.resolve("other"));
        assertThatThrownBy(() -> open(BUCKET, "b".repeat(32))).hasMessageContaining("belongs to other jobs");
        assertThat(data.resolve("bucket/address")).doesNotExist();
        assertThat(open(BUCKET, JOBS).models().has("some-model")).isTrue();
    }

    @Test
    void aBucketThatWasEmptiedTakesNoFolderAlong() throws Exception {
        open(BUCKET, JOBS);
        for (String name : store.list("")) {
            store.delete(name);
        }
        refused(BUCKET, JOBS, "does not hold what it was given", "remove " + data.resolve("bucket"));
        Folders.remove(data.resolve("bucket"));
        assertThat(open(BUCKET, JOBS).models().has("some-model")).isTrue();
        assertThat(store.list("models/")).hasSize(2);
    }

    /** One that another server may have followed acknowledges nothing. */
    @Test
    void aServerWithoutItsDatabaseKeepsNothing() throws Exception {
        boolean[] lost = {false};
        LocalBucket bucket = LocalBucket.open(data, BUCKET, store, JOBS, id -> Optional.empty(), () -> {
            if (lost[0]) {
                throw new StoreUnavailable(new RuntimeException("away"));
            }
        });
        Files.createDirectories(data.resolve("models/new-model"));
        lost[0] = true;
        assertThatThrownBy(() -> bucket.models().keep("new-model")).isInstanceOf(StoreUnavailable.class);
        assertThat(bucket.models().has("new-model")).isFalse();
        lost[0] = false;
        bucket.models().keep("new-model");
        assertThat(bucket.models().has("new-model")).isTrue();
    }
}
