package dev.ternion;

import dev.ternion.cli.ServeOptions.BucketAddress;
import dev.ternion.objects.FolderStore;
import dev.ternion.objects.ObjectStore;
import dev.ternion.objects.s3.Bucket;
import dev.ternion.objects.s3.S3Store;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** The object store of a server. */
final class LocalObjects {
    private LocalObjects() {}

    /** @throws IOException if the bucket cannot be used: a server does not start then */
    static ObjectStore open(Path dataFolder, Optional<BucketAddress> bucket) throws IOException {
        if (bucket.isEmpty()) {
            return new FolderStore(dataFolder.resolve("objects"));
        }
        try {
            ObjectStore store =
                    S3Store.open(Bucket.of(bucket.get().address(), bucket.get().endpoint()));
            store.size("uploads/none");
            return store;
        } catch (IllegalArgumentException e) {
            throw new IOException("--objects: " + e.getMessage(), e);
        } catch (NoClassDefFoundError e) {
            throw new IOException("--objects needs the libraries for S3; build with ./mvnw -Ps3 package", e);
        }
    }
}
