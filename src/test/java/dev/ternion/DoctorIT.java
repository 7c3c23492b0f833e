package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.cli.Check;
import dev.ternion.store.DatabaseFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What doctor says of data folders, with a server on them, without one, and damaged. */
class DoctorIT {
    @TempDir
    Path folder;

    @Test
    void tellsOfTheServerThatHasTheFolderAndThenThatNoneHas() throws Exception {
        Path data = folder.resolve("data");
        Path log = Files.createFile(folder.resolve("server.log"));
        try (ServerProcess server = new ServerProcess(data, log)) {
            String port = Files.readString(data.resolve("server.txt")).replaceAll("\\D+([0-9]+)\\D+([0-9]+)\\D+", "$2");
            TinyServer.Result held = TinyServer.cli(
                    "doctor", "--data", data.toString(), "--port", port, "--server", "127.0.0.1:" + port);
            assertThat(held.code()).as(held.err()).isZero();
            assertThat(held.err())
                    .contains("OK    store: sound, tables of version ", ", a server has it: pid ")
                    .contains("OK    port " + port + ": a Ternion answers there")
                    .contains("OK    server: answers at 127.0.0.1:" + port)
                    .contains("OK    permissions: rwx------");
            assertThat(server.stop()).isZero();
        }
        TinyServer.Result free = TinyServer.cli("doctor", "--data", data.toString());
        assertThat(free.code()).as(free.err()).isZero();
        assertThat(free.err()).contains(", no server has it");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data)))
                .isEqualTo("rwx------");
    }

    @Test
    void aFolderWithoutJobsIsNoFault() {
        assertThat(new StoreCheck(folder).run()).isEqualTo(Check.ok("store", "no jobs.db yet"));
    }

    @Test
    void damageFails() throws Exception {
        new TinyServer(folder).close();
        Path data = folder.resolve("data"), file = data.resolve(DatabaseFile.NAME);
        assertThat(new StoreCheck(data).run().status()).isEqualTo(Check.Status.OK);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            for (long page = 2; page < channel.size() / 4096; page++) {
                channel.write(ByteBuffer.wrap(new byte[] {77, 1, 2, 3, 4, 5, 6, 7}), page * 4096);
            }
        }
        assertFails(data, file.toString(), "restore the last backup");
        Files.writeString(file, "no database, and longer than the header of one ".repeat(20));
        assertFails(data, "cannot be read as a database of jobs", "restore the last backup");
    }

    @Test
    void tablesOfALaterVersionFail() throws Exception {
        new TinyServer(folder).close();
        Path data = folder.resolve("data");
        later(data);
        assertFails(data, "tables of version 999", "later version of Ternion");
    }

    private static void assertFails(Path data, String detail, String advice) throws IOException {
        Check check = new StoreCheck(data).run();
        assertThat(check.status()).as("%s", check).isEqualTo(Check.Status.FAIL);
        assertThat(check.detail()).contains(detail);
        assertThat(check.advice()).contains(advice);
        TinyServer.Result doctor = TinyServer.cli("doctor", "--data", data.toString());
        assertThat(doctor.code()).isEqualTo(1);
        assertThat(doctor.err()).contains("FAIL  store: ");
    }

    private static void later(Path data) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + data.resolve(DatabaseFile.NAME));
                Statement statement = connection.createStatement()) {
            statement.executeUpdate(
                    "INSERT INTO flyway_schema_history SELECT 999, '999', 'later', type, 'V999__later.sql', 1,"
                            + " installed_by, installed_on, 1, 1 FROM flyway_schema_history WHERE version = '1'");
        }
    }
}
