package dev.ternion.store;

import dev.ternion.FreePort;
import dev.ternion.store.PostgresSettings.SslMode;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** PostgreSQL for tests: fsync is on; synchronous_commit is off for whoever does not set it. */
public final class TestPostgres {
    private TestPostgres() {}

    /** A server of its own. */
    public static EmbeddedPostgres start() throws IOException {
        return builder().setServerConfig("fsync", "on").start();
    }

    /** One that may take long to start, on a port that no other process is given by chance, also while it is away. */
    static EmbeddedPostgres.Builder builder() throws IOException {
        return EmbeddedPostgres.builder().setPort(FreePort.find()).setPGStartupWait(Duration.ofMinutes(2));
    }

    /** A new database. */
    public static PostgresSettings database(EmbeddedPostgres server, String name) throws SQLException {
        execute(server, "CREATE DATABASE " + name);
        return settings(server, name);
    }

    /** One that is there, as the superuser, who needs no password. */
    public static PostgresSettings settings(EmbeddedPostgres server, String database) {
        return new PostgresSettings(
                "localhost",
                server.getPort(),
                database,
                "postgres",
                Optional.empty(),
                SslMode.DISABLE,
                Optional.empty());
    }

    /** As superuser. */
    public static void execute(EmbeddedPostgres server, String... sql) throws SQLException {
        try (var connection = server.getPostgresDatabase().getConnection();
                var statement = connection.createStatement()) {
            for (String each : sql) {
                statement.execute(each);
            }
        }
    }

    /** The first column of the first row, as superuser. */
    public static String ask(EmbeddedPostgres server, String sql) throws SQLException {
        try (var connection = server.getPostgresDatabase().getConnection();
                ResultSet rows = connection.createStatement().executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    /** From now on all but the superuser need a password. */
    static void wantPasswords(EmbeddedPostgres server) throws Exception {
        Files.writeString(Path.of(ask(server, "SHOW hba_file")), """
                host all postgres 127.0.0.1/32 trust
                host all postgres ::1/128 trust
                host all all all scram-sha-256
                """);
        execute(server, "SELECT pg_reload_conf()");
    }

    /** Where a server is, for what is done while it is not there. */
    public record Place(String programs, String data, int port, Path log) {
        /** Of a running one. */
        public static Place of(EmbeddedPostgres server, Path log) throws SQLException {
            return new Place(
                    ask(server, "SELECT setting FROM pg_config WHERE name = 'BINDIR'"),
                    ask(server, "SHOW data_directory"),
                    server.getPort(),
                    log);
        }

        /** Stops it as a crash would: no checkpoint, no goodbye. */
        public void crash() throws Exception {
            run("stop", "-m", "immediate");
        }

        /** Starts it again; returns when it answers. */
        public void start() throws Exception {
            run("start", "-l", log.toString(), "-o", "-p " + port + " -c fsync=on -c synchronous_commit=off");
        }

        /** PostgreSQL does not run as root: as its superuser it has no rights in a namespace of its own. */
        private void run(String... arguments) throws Exception {
            List<String> command = new ArrayList<>();
            if (System.getProperty("user.name").equals("root")) {
                command.addAll(List.of("unshare", "-U"));
            }
            command.addAll(List.of(programs + "/pg_ctl", "-w", "-t", "120", "-D", data));
            command.addAll(List.of(arguments));
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
            if (!process.waitFor(3, TimeUnit.MINUTES) || process.exitValue() != 0) {
                throw new IOException(command + " failed: " + Files.readString(log));
            }
        }
    }
}
