package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ternion.TinyServer.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints of a server's jobs: there while a job runs, gone when it has ended or is not known any more. */
class CheckpointFoldersIT {
    @TempDir
    Path folder;

    private static boolean hasCheckpoint(Path job) {
        try (Stream<Path> all = Files.list(job)) {
            return all.anyMatch(path -> path.getFileName().toString().startsWith("step-"));
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void liveAsLongAsTheirJob() throws Exception {
        Path checkpoints = folder.resolve("data/checkpoints");
        Path unknown = Files.createDirectories(checkpoints.resolve("unknown/step-000000000001"));
        try (TinyServer server = new TinyServer(folder).filled()) {
            assertThat(unknown.getParent()).doesNotExist();
            String often = TinyServer.fineTune("encoder", "taught", 100_000).replace("steps:", "evalEvery: 2, steps:");
            Result submitted = server.submit(often, "--job-id", "long");
            assertThat(submitted.code()).as(submitted.err()).isZero();
            Path job = checkpoints.resolve("long");
            await().until(() -> hasCheckpoint(job));
            assertThat(server.run("jobs", "cancel", "long").code()).isZero();
            await().until(() -> !Files.exists(job));
            Result done = server.submit(TinyServer.fineTune("encoder", "taught", 4), "--job-id", "short", "--wait");
            assertThat(done.code()).as(done.err()).isZero();
            await().until(() -> !Files.exists(checkpoints.resolve("short")));
        }
    }
}
