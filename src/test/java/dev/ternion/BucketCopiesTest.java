package dev.ternion;

import dev.ternion.objects.FolderStore;
import dev.ternion.objects.ObjectStore;
import java.nio.file.Path;

/** In a folder. */
class BucketCopiesTest extends BucketCopiesContract {
    @Override
    ObjectStore store(Path folder) {
        return new FolderStore(folder.resolve("objects"));
    }
}
