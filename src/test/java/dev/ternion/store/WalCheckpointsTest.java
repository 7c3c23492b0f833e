package dev.ternion.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ternion.jobs.JobChanges;
import dev.ternion.jobs.JobQueue;
import dev.ternion.jobs.Opaque;
import dev.ternion.jobs.Placement;
import dev.ternion.jobs.Submission;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.UUID;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

class WalCheckpointsTest {
    private static final String NAME = "a name to be found again";

    @TempDir
    Path folder;

    @Test
    void whatWasCommittedIsMovedIntoTheFileWhileItIsOpen() throws Exception {
        try (JobDatabase jobs = JobDatabase.inFolder(folder, e -> {})) {
            new JobQueue(new JobChanges(jobs.store(), Clock.systemUTC()), UUID::randomUUID, 10)
                    .submit(new Submission("job-a", NAME, Opaque.EMPTY, Placement.on("cpu"), "", ""));
            assertThat(file()).doesNotContain(NAME);
            await().until(() -> file().contains(NAME));
        }
    }

    private String file() throws Exception {
        return Files.readString(folder.resolve(DatabaseFile.NAME), StandardCharsets.ISO_8859_1);
    }

    @Test
    void aDiskThatFailsIsTold() throws Exception {
        LinkedBlockingQueue<RuntimeException> told = new LinkedBlockingQueue<>();
        DataSource broken = (DataSource) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {DataSource.class}, (proxy, method, arguments) -> {
                    throw new SQLiteException("disk I/O error", SQLiteErrorCode.SQLITE_IOERR);
                });
        try (WalCheckpoints checkpoints = new WalCheckpoints(broken, told::add)) {
            assertThat(told.poll(10, TimeUnit.SECONDS)).hasRootCauseMessage("disk I/O error");
        }
    }
}
