package dev.ternion.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.flywaydb.core.api.FlywayException;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/** {@code jobs.db} seen from outside the server that may be working on it: nothing in it is ever changed. */
public final class DatabaseFile {
    /** Name in its folder. */
    public static final String NAME = "jobs.db";

    private static final int BUSY_MILLIS = 10_000;
    private static final int PROBLEMS = 5;

    private final Path file;

    /** @param folder that holds it */
    public DatabaseFile(Path folder) {
        file = folder.resolve(NAME);
    }

    /**
     * Which tables it has.
     *
     * @param version of the last migration; "none" for a database without any
     * @param known the newest version that this program knows
     * @param later whether a later version of Ternion made them
     */
    public record Schema(String version, String known, boolean later) {}

    /**
     * Copies it, as it is at one moment, into a new file that needs no others beside it.
     *
     * @throws IOException if it is no database, is damaged where it is read, or the copy cannot be written
     */
    public void copyTo(Path copy) throws IOException {
        ask("VACUUM INTO '" + copy.toAbsolutePath().toString().replace("'", "''") + "'", rows -> rows);
    }

    /** The specs of the jobs that are not final, by their ids. */
    public Map<String, byte[]> openSpecs() throws IOException {
        String wanted =
                SqlJobStore.FINAL.stream().map(state -> "'" + state + "'").collect(Collectors.joining(", "));
        return ask("SELECT id, spec FROM jobs WHERE state NOT IN (" + wanted + ")", rows -> {
            Map<String, byte[]> specs = new TreeMap<>();
            while (rows.next()) {
                specs.put(rows.getString(1), rows.getBytes(2));
            }
            return specs;
        });
    }

    /** When the newest event was written; empty when there is none. */
    public Optional<Instant> newestEvent() throws IOException {
        return ask("SELECT MAX(time) FROM events", rows -> {
            long nanos = rows.next() ? rows.getLong(1) : 0;
            return nanos == 0 ? Optional.empty() : Optional.of(Instant.ofEpochSecond(0, nanos));
        });
    }

    /**
     * What SQLite finds wrong when it looks at every page; the first few, empty when all is well.
     *
     * @param thorough whether indexes are compared with their tables too, which takes longer
     */
    public List<String> problems(boolean thorough) throws IOException {
        return ask("PRAGMA " + (thorough ? "integrity_check" : "quick_check") + "(" + PROBLEMS + ")", rows -> {
            List<String> problems = new ArrayList<>();
            while (rows.next()) {
                problems.add(rows.getString(1));
            }
            return problems.equals(List.of("ok")) ? List.of() : problems;
        });
    }

    /** Which tables it has. */
    public Schema schema() throws IOException {
        try {
            return new Migrations(source(), DatabaseKind.SQLITE).schema();
        } catch (FlywayException e) {
            throw unreadable(e);
        }
    }

    private interface Reading<T> {
        T of(ResultSet rows) throws SQLException;
    }

    private <T> T ask(String sql, Reading<T> reading) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + " is not there");
        }
        try (Connection connection = source().getConnection();
                Statement statement = connection.createStatement()) {
            return statement.execute(sql) ? readAll(statement, reading) : null;
        } catch (SQLException e) {
            throw unreadable(e);
        }
    }

    private static <T> T readAll(Statement statement, Reading<T> reading) throws SQLException {
        try (ResultSet rows = statement.getResultSet()) {
            return reading.of(rows);
        }
    }

    private SQLiteDataSource source() {
        SQLiteConfig settings = new SQLiteConfig();
        settings.setReadOnly(true);
        settings.setBusyTimeout(BUSY_MILLIS);
        SQLiteDataSource source = new SQLiteDataSource(settings);
        source.setUrl("jdbc:sqlite:" + file);
        return source;
    }

    private IOException unreadable(Exception cause) {
        return new IOException(file + " cannot be read as a database of jobs: " + cause.getMessage(), cause);
    }
}
