package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ternion.cli.Check;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A data folder and a database that do not belong together are not opened, and nothing is made. */
class LocalJobsTest {
    private static final String DATABASE = "postgresql://db:5432/jobs as ternion, id 0123456789abcdef0123456789abcdef";

    @TempDir
    Path folder;

    private Path settings;

    @BeforeEach
    void write() throws IOException {
        settings = Files.writeString(
                folder.resolve("database.json"), "{\"url\": \"postgresql://127.0.0.1:1/jobs\", \"user\": \"ternion\"}");
    }

    private void refused(Path data, Optional<Path> database, String... messages) {
        assertThatThrownBy(() -> LocalJobs.open(data, database, e -> {}).close())
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll(messages);
    }

    private Path onPostgres() throws IOException {
        Path data = Files.createDirectories(folder.resolve("data"));
        Files.writeString(data.resolve("jobs.database"), DATABASE + "\n");
        return data;
    }

    @Test
    void aFolderWhoseJobsAreElsewhereIsNotOpenedWithoutThem() throws Exception {
        Path data = onPostgres();
        refused(data, Optional.empty(), "are in " + DATABASE, "--database FILE");
        assertThat(data.resolve("jobs.db")).doesNotExist();
    }

    @Test
    void aFolderWithJobsIsNotOpenedWithAnotherDatabase() throws Exception {
        Path data = folder.resolve("data");
        LocalJobs.open(data, Optional.empty(), e -> {}).close();
        refused(data, Optional.of(settings), "jobs.db holds the jobs of this folder", "move it away");
        assertThat(data.resolve("jobs.database")).doesNotExist();
    }

    @Test
    void aDatabaseThatIsAwayBindsNoFolder() throws Exception {
        Path data = Files.createDirectories(folder.resolve("data"));
        refused(data, Optional.of(settings), "postgresql://127.0.0.1:1/jobs as ternion cannot be used", "refused");
        assertThat(data).isEmptyDirectory();
    }

    @Test
    void doctorAndBackupSayWhereTheJobsAre() throws Exception {
        Path data = onPostgres(), backup = folder.resolve("backup.tar");
        Check check = new StoreCheck(data).run();
        assertThat(check.status()).isEqualTo(Check.Status.WARN);
        assertThat(check.detail()).contains("are in " + DATABASE);
        assertThat(check.advice()).contains("doctor --database FILE");
        TinyServer.Result result = TinyServer.cli("backup", "--data", data.toString(), "--to", backup.toString());
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).contains("No backup was made", "are in " + DATABASE, "pg_dump");
        assertThat(backup).doesNotExist();
        TinyServer.Result doctor =
                TinyServer.cli("doctor", "--data", data.toString(), "--database", settings.toString());
        assertThat(doctor.code()).isEqualTo(1);
        assertThat(doctor.err()).contains("FAIL  store: postgresql://127.0.0.1:1/jobs as ternion cannot be used");
    }
}
