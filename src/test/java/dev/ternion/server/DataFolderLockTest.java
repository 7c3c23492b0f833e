package dev.ternion.server;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderLockTest {
    @TempDir
    Path folder;

    @Test
    void aSecondServerOnTheFolderLearnsWhoHasIt() throws Exception {
        Path data = folder.resolve("data");
        try (DataFolderLock lock = DataFolderLock.acquire(data)) {
            lock.publishPort(4567);
            assertThatThrownBy(() -> DataFolderLock.acquire(data))
                    .isInstanceOf(FolderInUse.class)
                    .hasMessage("data folder " + data + " is used by another server (pid "
                            + ProcessHandle.current().pid()
                            + ", port 4567); use that server, stop it, or choose another folder");
        }
        DataFolderLock.acquire(data).close();
    }
}
