package dev.ternion;

import dev.ternion.objects.ObjectStore;
import dev.ternion.objects.s3.TestS3;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** In buckets of a real S3 server. */
class BucketCopiesIT extends BucketCopiesContract {
    private static TestS3 s3;

    @BeforeAll
    static void start() throws Exception {
        s3 = new TestS3();
    }

    @AfterAll
    static void stop() throws Exception {
        s3.close();
    }

    @Override
    int stride() {
        return 3;
    }

    @Override
    ObjectStore store(Path folder) {
        return s3.store(s3.bucket());
    }
}
