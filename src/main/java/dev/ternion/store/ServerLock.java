package dev.ternion.store;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a PostgreSQL database for one server, by two advisory locks, which the database gives back when their connections end. OWNER is
 * held by a connection of its own. USERS is shared by all connections that read and write, each of which looks, once it has USERS, whether
 * OWNER is still this server's. A server that begins takes OWNER and then waits until nobody has USERS; so no connection of an earlier
 * server is left, and none comes back.
 *
 * <p>When OWNER is lost, because the database was away, nothing is read or written until it is held again. If another server was there
 * meanwhile, this one is at its end.
 */
final class ServerLock implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ServerLock.class);

    /** First half of both keys: "tern". */
    private static final int SPACE = 0x7465726e;

    private static final String OWNER = "(" + SPACE + ", 1)";
    private static final String USERS = "(" + SPACE + ", 2)";
    /** Who has OWNER. */
    private static final String HOLDER =
            "SELECT a.pid, a.application_name, a.client_addr, a.backend_start FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
                    + " WHERE l.locktype = 'advisory' AND l.granted AND l.classid = " + SPACE
                    + " AND l.objid = 1 AND l.objsubid = 2"
                    + " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())";

    /** For connections of a server that was killed to end. */
    private static final int WAIT_SECONDS = 2;

    private static final long LOOK_MILLIS = 1000;
    private static final long RETRY_MILLIS = 300;
    private static final int ANSWER_SECONDS = 5;

    private final PostgresSettings settings;
    private final String name;
    private final Consumer<RuntimeException> onLost;
    private final PostgresConnections connections;
    private final CountDownLatch closed = new CountDownLatch(1);
    /** Holds OWNER; null while it is lost. */
    private volatile Connection owner;

    private Thread watch;

    /** Another server has the database. */
    static final class DatabaseInUse extends IOException {
        private static final long serialVersionUID = 1L;

        DatabaseInUse(String message) {
            super(message);
        }
    }

    /**
     * Takes the lock.
     *
     * @param name of this server, as no other has it
     * @param onLost told when another server was there meanwhile: this one must end
     * @throws DatabaseInUse if another server has it
     */
    ServerLock(PostgresSettings settings, String name, Consumer<RuntimeException> onLost)
            throws SQLException, DatabaseInUse {
        this.settings = settings;
        this.name = name;
        this.onLost = onLost;
        connections = new PostgresConnections(settings, name);
        Connection connection = connections.getConnection();
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET lock_timeout = '" + WAIT_SECONDS + "s'");
            statement.execute("SELECT pg_advisory_lock" + OWNER);
            statement.execute("SELECT pg_advisory_lock" + USERS);
            statement.execute("SELECT pg_advisory_unlock" + USERS);
        } catch (SQLException e) {
            boolean taken = "55P03".equals(e.getSQLState());
            String holder = taken ? holder(connection) : "";
            connection.close();
            if (taken) {
                throw new DatabaseInUse(
                        settings + " is used by another server" + holder
                                + "; stop that one, or use another database. One whose machine is gone gives it back after half a minute");
            }
            throw e;
        }
        owner = connection;
    }

    /**
     * Tells those who come later that this server has the database, and begins to look after the lock; once the tables are there.
     *
     * @param onBroken told when OWNER is lost: connections that were opened before are to be closed
     */
    void begin(Runnable onBroken) throws SQLException {
        try (var statement = owner.prepareStatement("UPDATE holder SET server = ?")) {
            statement.setString(1, name);
            statement.executeUpdate();
        }
        watch = new Thread(() -> watch(onBroken), "ternion-database");
        watch.setDaemon(true);
        watch.start();
    }

    /** Connections that read and write; there is none while the lock is lost. */
    PostgresConnections users() {
        return new PostgresConnections(settings, name) {
            private static final long serialVersionUID = 1L;

            @Override
            void prepare(Statement statement) throws SQLException {
                if (owner == null
                        || !isTrue(statement, "SELECT pg_try_advisory_lock_shared" + USERS)
                        || !isOwner(statement)) {
                    throw new SQLTransientConnectionException(
                            "the lock on the database was lost, it is being taken again");
                }
            }
        };
    }

    private boolean isOwner(Statement statement) throws SQLException {
        return holderName(statement).filter(name::equals).isPresent();
    }

    /** The server that has OWNER. */
    private static Optional<String> holderName(Statement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery(HOLDER)) {
            return rows.next() ? Optional.of(String.valueOf(rows.getString("application_name"))) : Optional.empty();
        }
    }

    private static boolean isTrue(Statement statement, String question) throws SQLException {
        try (ResultSet rows = statement.executeQuery(question)) {
            return rows.next() && rows.getBoolean(1);
        }
    }

    /** Whether a server has the database. */
    static boolean isHeld(Statement statement) throws SQLException {
        return holderName(statement).isPresent();
    }

    /** Where and since when the other server is, for people. */
    private static String holder(Connection connection) {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(HOLDER)) {
            return rows.next()
                    ? " (connected from " + rows.getString("client_addr") + " since " + rows.getString("backend_start")
                            + ")"
                    : "";
        } catch (SQLException e) {
            return "";
        }
    }

    private void watch(Runnable onBroken) {
        try {
            while (!closed.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                if (!isAlive(owner)) {
                    LOG.warn(
                            "the connection to {} broke; nothing is read or written until it is there again", settings);
                    drop(owner);
                    onBroken.run();
                    takeAgain();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean isAlive(Connection connection) {
        try {
            return connection.isValid(ANSWER_SECONDS);
        } catch (SQLException e) {
            return false;
        }
    }

    private void takeAgain() throws InterruptedException {
        while (owner == null && !closed.await(RETRY_MILLIS, TimeUnit.MILLISECONDS)) {
            Connection connection = null;
            try {
                connection = connections.getConnection();
                if (take(connection)) {
                    owner = connection;
                    LOG.info("{} is there again, and no other server was", settings);
                } else {
                    connection.close();
                }
            } catch (SQLException e) {
                LOG.debug("{} is away", settings, e);
                drop(connection);
            }
        }
    }

    /** Whether the lock is held again. */
    boolean take(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (!isTrue(statement, "SELECT pg_try_advisory_lock" + OWNER)) {
                // Nobody has it that was given back since; the next try takes it.
                Optional<String> holder = holderName(statement);
                if (holder.filter(name::equals).isPresent()) {
                    // This server's own connection, of which the database does not know yet that it broke.
                    statement.execute("SELECT pg_terminate_backend(pid) FROM (" + HOLDER + ") AS holders");
                } else if (holder.isPresent()) {
                    lost();
                }
                return false;
            }
            try (ResultSet rows = statement.executeQuery("SELECT server FROM holder")) {
                if (rows.next() && name.equals(rows.getString(1))) {
                    return true;
                }
            }
            lost();
            return false;
        }
    }

    private void lost() {
        onLost.accept(new IllegalStateException("another server has taken " + settings + " while it was away"));
    }

    private void drop(Connection connection) {
        if (connection == owner) {
            owner = null;
        }
        try {
            if (connection != null) {
                connection.abort(Runnable::run);
            }
        } catch (SQLException e) {
            LOG.debug("a broken connection does not close", e);
        }
    }

    @Override
    public void close() {
        closed.countDown();
        try {
            if (watch != null) {
                watch.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        drop(owner);
    }
}
