package dev.ternion.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What doctor says of folders and disks that will not do. */
class FolderChecksTest {
    private static final int PLACE = 0;
    private static final int SYNC = 1;
    private static final int PERMISSIONS = 2;

    @TempDir
    Path folder;

    private long syncNanos = 1_000_000;
    private String syncFault = "";
    private long free = 50L << 30;

    @Test
    void aGoodFolderIsGoodAndNothingIsLeftInIt() {
        assertThat(checks(folder)).hasSize(3).allMatch(check -> check.status() == Check.Status.OK);
        assertThat(checks(folder).get(PLACE).detail()).isEqualTo(folder + ", 50.0 GiB free");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aFolderThatIsNotThereWillBeMade() {
        List<Check> checks = checks(folder.resolve("new/one"));
        assertThat(checks).hasSize(2).allMatch(check -> check.status() == Check.Status.OK);
        assertThat(checks.get(PLACE).detail()).contains("(will be made)");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aFileIsNoFolder() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        assertThat(checks(file)).singleElement().satisfies(check -> {
            assertThat(check.status()).isEqualTo(Check.Status.FAIL);
            assertThat(check.detail()).isEqualTo(file + " is no folder");
            assertThat(check.advice()).contains("--data DIR");
        });
    }

    @Test
    void aFolderThatCannotBeWrittenFails() {
        Check check = checks(Path.of("/proc/ternion")).get(PLACE);
        assertThat(check.status()).isEqualTo(Check.Status.FAIL);
        assertThat(check.detail()).contains("/proc is not writable");
    }

    @Test
    void aDiskThatIsNearlyFullIsTold() {
        free = 1L << 30;
        Check check = checks(folder).get(PLACE);
        assertThat(check.status()).isEqualTo(Check.Status.WARN);
        assertThat(check.detail()).contains("1.0 GiB free");
        assertThat(check.advice()).contains("Free some disk space");
    }

    @Test
    void aDiskThatDoesNotSyncFails() {
        syncFault = "Input/output error";
        Check check = checks(folder).get(SYNC);
        assertThat(check.status()).isEqualTo(Check.Status.FAIL);
        assertThat(check.detail()).contains("fsync does not work in " + folder, syncFault);
        assertThat(check.advice()).contains("status 74");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aDiskThatSyncsSlowlyIsTold() {
        syncNanos = 250_000_000;
        Check check = checks(folder).get(SYNC);
        assertThat(check.status()).isEqualTo(Check.Status.WARN);
        assertThat(check.detail()).isEqualTo("fsync took 250.0 ms");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rwxr-xr-x", "rwx---r--", "rwx-----x", "rwxrwx---", "rwx----w-"})
    void aFolderThatOthersReachIsTold(String permissions) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(permissions));
        Check check = checks(folder).get(PERMISSIONS);
        assertThat(check.status()).isEqualTo(Check.Status.WARN);
        assertThat(check.detail()).startsWith(permissions);
        assertThat(check.advice()).isEqualTo("chmod 700 " + folder);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rwx------", "rwxr-x---"})
    void aFolderOfOnePersonOrAGroupThatReadsIsGood(String permissions) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(permissions));
        assertThat(checks(folder).get(PERMISSIONS).status()).isEqualTo(Check.Status.OK);
    }

    private List<Check> checks(Path of) {
        AtomicLong now = new AtomicLong();
        FolderChecks.Disk disk = new FolderChecks.Disk() {
            @Override
            public void sync(FileChannel file) throws IOException {
                assertThat(file.size()).isPositive();
                now.addAndGet(syncNanos);
                if (!syncFault.isEmpty()) {
                    throw new IOException(syncFault);
                }
            }

            @Override
            public long free(Path anywhere) {
                return free;
            }
        };
        return new FolderChecks(of, disk, now::get).all();
    }
}
