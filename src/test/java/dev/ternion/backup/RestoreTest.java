package dev.ternion.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A restored folder is all of the backup, or is not there. */
class RestoreTest {
    @TempDir
    Path folder;

    private Path data;
    private Path file;
    private Path target;
    private String refusal = "";

    @BeforeEach
    void fill() throws IOException {
        data = Files.createDirectories(folder.resolve("data"));
        file = folder.resolve("backup.tar");
        target = Files.createDirectories(folder.resolve("place")).resolve("target");
        Files.writeString(data.resolve("jobs.db"), "jobs");
        Path model = Files.createDirectories(data.resolve("models/teacher"));
        Files.writeString(model.resolve("weights"), "w".repeat(70_000));
    }

    @Test
    void givesTheFolderBackForItsOwnerAlone() throws IOException {
        Backup.Summary made = backup();
        assertThat(made.files()).isEqualTo(2);
        assertThat(made.models()).isEqualTo(1);
        assertThat(made.datasets()).isZero();
        assertThat(made.bytes()).isEqualTo(Files.size(file));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(data.resolve("cache/backup-stage")).doesNotExist();

        assertThat(restore().files()).isEqualTo(2);
        assertThat(target.resolve("jobs.db")).hasContent("other jobs");
        assertThat(target.resolve("models/teacher/weights"))
                .hasSameBinaryContentAs(data.resolve("models/teacher/weights"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target)))
                .isEqualTo("rwx------");
        assertThat(target.getParent().toFile().list()).containsExactly("target");
    }

    @Test
    void anEmptyFolderIsFilledAnyOtherIsLeftAlone() throws IOException {
        backup();
        Files.createDirectories(target);
        restore();
        assertThat(target.resolve("jobs.db")).exists();
        assertThatThrownBy(this::restore).isInstanceOf(BackupException.class).hasMessageContaining("is not empty");
        assertThat(target.resolve("models/teacher/weights")).exists();
        Files.delete(file);
        assertThatThrownBy(this::restore).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void aDamagedBackupLeavesNothing() throws IOException {
        backup();
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 16;
        Files.write(file, bytes);
        assertThatThrownBy(this::restore)
                .isInstanceOf(BackupException.class)
                .hasMessageContaining(file + ": the backup is damaged: models/teacher/weights has SHA-256");
        assertThat(target.getParent()).isEmptyDirectory();
    }

    @Test
    void aDatabaseThatIsRefusedLeavesNothing() throws IOException {
        backup();
        refusal = "tables of version 999";
        assertThatThrownBy(this::restore).isInstanceOf(BackupException.class).hasMessage(refusal);
        assertThat(target.getParent()).isEmptyDirectory();
    }

    @Test
    void aBackupThatIsRefusedLeavesNothing() throws IOException {
        refusal = "damaged";
        assertThatThrownBy(this::backup).isInstanceOf(BackupException.class).hasMessage(refusal);
        assertThat(folder.toFile().list()).containsExactlyInAnyOrder("data", "place");
        assertThat(data.resolve("cache/backup-stage")).doesNotExist();
    }

    @Test
    void noFileIsWrittenOverAndNoFolderTakenForDataThatIsNone() throws IOException {
        Files.writeString(file, "precious");
        assertThatThrownBy(this::backup).isInstanceOf(BackupException.class).hasMessageContaining("is there already");
        assertThat(file).hasContent("precious");
        data = target;
        assertThatThrownBy(this::backup).isInstanceOf(BackupException.class).hasMessageContaining("is no data folder");
        assertThat(target).doesNotExist();
    }

    @Test
    void whatAKilledBackupLeftIsRemovedByTheNext() throws IOException {
        Path left = Files.createDirectories(data.resolve("cache/backup-stage/models/old"));
        Files.writeString(left.resolve("weights"), "old");
        Files.writeString(folder.resolve(".backup.tar.part"), "half");
        assertThat(backup().files()).isEqualTo(2);
        assertThat(folder.resolve(".backup.tar.part")).doesNotExist();
    }

    private Backup.Summary backup() throws IOException {
        return new Backup(new Jobs(), Clock.systemUTC()).write(data, file);
    }

    private Restore.Summary restore() throws IOException {
        return new Restore(new Jobs()).read(file, target);
    }

    /** A database of any bytes. */
    private final class Jobs implements JobsFile {
        @Override
        public void copy(Path dataFolder, Path copy) throws IOException {
            Files.copy(dataFolder.resolve(NAME), copy);
        }

        @Override
        public Map<String, Set<String>> needs(Path in) {
            return Map.of();
        }

        @Override
        public String check(Path in) throws IOException {
            assertThat(in.resolve(NAME)).hasContent("jobs");
            if (!refusal.isEmpty()) {
                throw new BackupException(refusal);
            }
            return "1";
        }

        @Override
        public void renew(Path in) throws IOException {
            Files.writeString(in.resolve(NAME), "other jobs");
        }
    }
}
