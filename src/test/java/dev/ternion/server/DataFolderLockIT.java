package dev.ternion.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lock between processes. */
class DataFolderLockIT {
    @TempDir
    Path folder;

    @Test
    void anotherProcessKeepsTheFolderUntilItDies() throws Exception {
        Process owner = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Owner.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader out = owner.inputReader()) {
            assertThat(out.readLine()).isEqualTo("held");
            assertThatThrownBy(() -> DataFolderLock.acquire(folder))
                    .isInstanceOf(FolderInUse.class)
                    .hasMessageContaining("pid " + owner.pid() + ", port 4567");
        } finally {
            owner.destroyForcibly().waitFor();
        }
        DataFolderLock.acquire(folder).close();
    }

    /** Holds the lock until it is killed. */
    static final class Owner {
        private Owner() {}

        /** @param args the folder */
        public static void main(String[] args) throws IOException {
            DataFolderLock lock = DataFolderLock.acquire(Path.of(args[0]));
            lock.publishPort(4567);
            System.out.println("held");
            while (System.in.read() >= 0) {
                continue;
            }
            lock.close();
        }
    }
}
