package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ternion.cli.ServeOptions.BucketAddress;
import dev.ternion.objects.FolderStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server without a usable bucket does not start, and says why. */
class LocalObjectsTest {
    @TempDir
    Path folder;

    private void refused(String address, String endpoint, String message) {
        assertThatThrownBy(() -> LocalObjects.open(folder, Optional.of(new BucketAddress(address, endpoint))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(message)
                .hasMessageNotContaining("secret");
    }

    @Test
    void withoutABucketItIsTheDataFolder() throws Exception {
        assertThat(LocalObjects.open(folder, Optional.empty())).isInstanceOf(FolderStore.class);
    }

    @Test
    void whatCannotBeUsedIsSaid() {
        refused("http://bucket", "", "--objects: wanted s3://BUCKET");
        refused("s3://key:secret@bucket", "", "--objects: wanted s3://BUCKET");
        refused("s3://bucket", "http://169.254.169.254", "wanted an endpoint https://");
        refused("s3://bucket", "http://127.0.0.1:1", "bucket bucket: ");
    }
}
