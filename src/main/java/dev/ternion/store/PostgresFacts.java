package dev.ternion.store;

import dev.ternion.store.DatabaseFile.Schema;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.flywaydb.core.api.FlywayException;

/**
 * What a PostgreSQL database is like, seen from outside the server that may be working on it: nothing in it is changed.
 *
 * @param version as it calls itself
 * @param commit its synchronous_commit; connections of a server set it to on, unless it is stricter
 * @param schema which tables it has
 * @param server whether a server has it
 * @param problems why no server can use it, and what to do; empty when one can
 */
public record PostgresFacts(String version, String commit, Schema schema, boolean server, List<String> problems) {
    private static final int OLDEST = 13;

    /**
     * Looks.
     *
     * @throws IOException if it does not let us in, saying why and what to do
     */
    public static PostgresFacts of(PostgresSettings settings) throws IOException {
        PostgresConnections connections = new PostgresConnections(settings, "ternion look");
        try (Connection connection = connections.getConnection();
                Statement statement = connection.createStatement()) {
            Schema schema = new Migrations(connections, DatabaseKind.POSTGRESQL).schema();
            boolean server = ServerLock.isHeld(statement);
            try (ResultSet rows = statement.executeQuery("SELECT current_setting('server_version') AS version,"
                    + " current_setting('server_version_num')::int / 10000 AS major,"
                    + " (SELECT reset_val FROM pg_settings WHERE name = 'synchronous_commit') AS commit,"
                    + " current_setting('fsync')::bool AND current_setting('full_page_writes')::bool AS syncs,"
                    + " current_setting('server_encoding') AS encoding,"
                    + " COALESCE(has_schema_privilege(current_schema(), 'CREATE'), false) AS makes")) {
                rows.next();
                return new PostgresFacts(
                        rows.getString("version"),
                        rows.getString("commit"),
                        schema,
                        server,
                        problems(rows, schema, settings));
            }
        } catch (SQLException | FlywayException e) {
            throw refused(settings, e);
        }
    }

    private static List<String> problems(ResultSet rows, Schema schema, PostgresSettings settings) throws SQLException {
        List<String> problems = new ArrayList<>();
        if (rows.getInt("major") < OLDEST) {
            problems.add("it is PostgreSQL " + rows.getString("version") + ", wanted " + OLDEST + " or newer");
        }
        if (!rows.getBoolean("syncs")) {
            problems.add(
                    "fsync or full_page_writes is off, so that commits may be lost: set both to on in postgresql.conf");
        }
        if (!"UTF8".equals(rows.getString("encoding"))) {
            problems.add("its encoding is " + rows.getString("encoding")
                    + ", wanted UTF8: CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0");
        }
        if (!rows.getBoolean("makes")) {
            problems.add("role " + settings.user()
                    + " may not make tables: let it own the database, or GRANT USAGE, CREATE ON SCHEMA public TO "
                    + settings.user());
        }
        if (schema.later()) {
            problems.add("it has tables of version " + schema.version() + ", this Ternion knows up to " + schema.known()
                    + ": use the later version of Ternion that made them");
        }
        return problems;
    }

    /** @throws IOException with the problems, if there are any */
    void requireUsable(PostgresSettings settings) throws IOException {
        if (!problems.isEmpty()) {
            throw new IOException(settings + " cannot be used: " + String.join("; ", problems));
        }
    }

    /** Why a database does not let us in, or do what we want, and what to do; without the password. */
    static IOException refused(PostgresSettings settings, Exception fault) {
        SQLException sql = sql(fault);
        String state = sql == null || sql.getSQLState() == null ? "" : sql.getSQLState();
        String said = String.valueOf((sql == null ? fault : sql).getMessage());
        for (String secret : settings.password().stream().toList()) {
            said = said.replace(secret, "***");
        }
        return new IOException(
                settings + " cannot be used: " + said.strip().replaceFirst("\\.$", "") + advice(state, settings));
    }

    private static String advice(String state, PostgresSettings settings) {
        boolean refused = Set.of("28P01", "28000", "08004").contains(state);
        if (refused && settings.password().isEmpty()) {
            return ". No password was given: name a password_file, or set " + PostgresSettings.PASSWORD;
        }
        return switch (state) {
            case "28P01", "28000" -> ". Correct user and password, or pg_hba.conf of the database";
            case "3D000" -> ". Create it: CREATE DATABASE " + settings.database() + " OWNER " + settings.user();
            case "42501" -> ". Let role " + settings.user() + " own the database and its tables";
            case "08001", "08004", "08006" ->
                ". Look whether it runs there, whether this machine reaches it, and whether ssl_mode, now "
                        + settings.ssl().text() + ", and ssl_root fit";
            case "57P03" -> ". It starts or stops; try again";
            case "53300" -> ". Raise max_connections: a server has five";
            default -> "";
        };
    }

    private static SQLException sql(Throwable fault) {
        SQLException found = null;
        for (Throwable cause = fault; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && (found == null || found.getSQLState() == null)) {
                found = sql;
            }
        }
        return found;
    }
}
