package dev.ternion.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import dev.ternion.jobs.JobStore;
import dev.ternion.jobs.Opaque;
import dev.ternion.telemetry.Bounds;
import dev.ternion.telemetry.TelemetryStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.sql.DataSource;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.Jdbi;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/** A database of jobs that is open; its tables are brought to this version's when it is opened. */
public final class JobDatabase implements AutoCloseable {
    /** Jobs kept; beyond it the oldest final one is forgotten. */
    public static final int DEFAULT_MAX_JOBS = 100_000;

    /** Events kept of a job. */
    public static final int DEFAULT_MAX_EVENTS = 2000;

    /** Changes kept for watches of all jobs; beyond it the oldest are forgotten. */
    public static final int DEFAULT_MAX_CHANGES = 100_000;

    private static final int CONNECTIONS = 4;
    private static final int BUSY_MILLIS = 10_000;
    /** A database that gives no connection for so long is away. */
    private static final int AWAY_MILLIS = 2000;

    private final HikariDataSource source;
    private final SqlJobStore tables;
    private final JobStore store;
    private final TelemetryStore telemetry;
    private final Optional<ServerLock> lock;

    private JobDatabase(
            HikariConfig config,
            DatabaseKind kind,
            int maxJobs,
            int maxEvents,
            int maxChanges,
            Consumer<RuntimeException> onFatal,
            Optional<ServerLock> lock) {
        config.setMaximumPoolSize(CONNECTIONS);
        config.setPoolName("jobs");
        this.lock = lock;
        source = new HikariDataSource(config);
        try {
            new Migrations(source, kind).run();
            Jdbi jdbi = Jdbi.create(source);
            Retries retries = new Retries(
                    StoreFaults::isPassing, StoreFaults::isUnknown, StoreFaults::isFatal, onFatal, System::nanoTime);
            tables = new SqlJobStore(jdbi, maxJobs, maxEvents, maxChanges);
            store = new SteadyJobStore(tables, retries);
            telemetry = new SteadyTelemetry(new SqlTelemetry(jdbi, Bounds.DEFAULT, Clock.systemUTC()), retries);
        } catch (RuntimeException e) {
            source.close();
            throw e;
        }
    }

    /**
     * Opens {@code jobs.db} in a folder that one process uses at a time; a commit is on disk when it returns.
     *
     * @param onFatal called when what was written may not be there: a full disk, a failed sync, damage. Nothing may be acknowledged
     *     after it
     * @throws IOException naming the file, when it is no database, is damaged, or is of a later version of Ternion
     */
    public static JobDatabase inFolder(Path folder, Consumer<RuntimeException> onFatal) throws IOException {
        return inFolder(folder, DEFAULT_MAX_JOBS, DEFAULT_MAX_EVENTS, DEFAULT_MAX_CHANGES, onFatal);
    }

    static JobDatabase inFolder(
            Path folder, int maxJobs, int maxEvents, int maxChanges, Consumer<RuntimeException> onFatal)
            throws IOException {
        Files.createDirectories(folder);
        Path file = folder.resolve(DatabaseFile.NAME);
        HikariConfig config = new HikariConfig();
        config.setDataSource(sqlite(file));
        try {
            return new JobDatabase(
                    config, DatabaseKind.SQLITE, maxJobs, maxEvents, maxChanges, onFatal, Optional.empty());
        } catch (FlywayException | PoolInitializationException e) {
            throw new IOException(
                    file + " cannot be opened as this version's database of jobs: " + e.getMessage()
                            + "; restore it from a backup, or move it away to begin without jobs",
                    e);
        }
    }

    /** Connections whose commits are on disk when they return, and whose transactions begin with the right to write. */
    static DataSource sqlite(Path file) {
        SQLiteConfig settings = new SQLiteConfig();
        settings.setJournalMode(SQLiteConfig.JournalMode.WAL);
        settings.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        settings.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
        settings.enforceForeignKeys(true);
        settings.setBusyTimeout(BUSY_MILLIS);
        SQLiteDataSource source = new CachedStatements(settings);
        source.setUrl("jdbc:sqlite:" + file);
        return source;
    }

    /**
     * Takes a PostgreSQL database for this process alone; a commit is on disk there when it returns. While the database is away, calls end
     * with {@link dev.ternion.jobs.StoreUnavailable}.
     *
     * @param onFatal called when another server has taken the database, or when it stays unknown whether a change was made. Nothing may
     *     be acknowledged after it
     * @throws IOException saying what to do, when it cannot be reached or used, or another server has it
     */
    public static JobDatabase onPostgres(PostgresSettings settings, Consumer<RuntimeException> onFatal)
            throws IOException {
        PostgresFacts.of(settings).requireUsable(settings);
        return onPostgres(settings, DEFAULT_MAX_JOBS, DEFAULT_MAX_EVENTS, DEFAULT_MAX_CHANGES, onFatal);
    }

    /** The same on a database that is known to be usable. */
    static JobDatabase onPostgres(
            PostgresSettings settings, int maxJobs, int maxEvents, int maxChanges, Consumer<RuntimeException> onFatal)
            throws IOException {
        ServerLock lock;
        try {
            lock = new ServerLock(settings, "ternion " + UUID.randomUUID(), onFatal);
        } catch (SQLException e) {
            throw PostgresFacts.refused(settings, e);
        }
        try {
            HikariConfig config = new HikariConfig();
            config.setDataSource(lock.users());
            config.setConnectionTimeout(AWAY_MILLIS);
            JobDatabase opened = new JobDatabase(
                    config, DatabaseKind.POSTGRESQL, maxJobs, maxEvents, maxChanges, onFatal, Optional.of(lock));
            try {
                lock.begin(opened.source.getHikariPoolMXBean()::softEvictConnections);
                return opened;
            } catch (SQLException e) {
                opened.close();
                throw e;
            }
        } catch (SQLException | FlywayException | PoolInitializationException e) {
            lock.close();
            throw PostgresFacts.refused(settings, e);
        }
    }

    /** Which database of jobs this is, for who keeps files that belong to it; empty: that of its folder. */
    public Optional<String> id() {
        return lock.map(held -> Jdbi.create(source)
                .withHandle(h -> h.createQuery("SELECT id FROM holder")
                        .mapTo(String.class)
                        .one()));
    }

    /** Which jobs these are, for a bucket that belongs to them: 32 hexadecimal digits. A backup that is restored has the same. */
    public String storeId() {
        return Jdbi.create(source)
                .withHandle(h -> h.createQuery("SELECT id FROM store_id")
                        .mapTo(String.class)
                        .one());
    }

    /**
     * Gives a database that no one has open another {@link dev.ternion.jobs.ChangeLog.Extent#epoch epoch}: one that was restored goes
     * on from an earlier revision. Its tables are not brought to this version's; those of before version 3 have no epoch yet.
     */
    public static void renewEpoch(Path folder) throws IOException {
        Path file = folder.resolve(DatabaseFile.NAME);
        try (Connection connection = sqlite(file).getConnection();
                Statement statement = connection.createStatement()) {
            boolean has;
            try (ResultSet tables = connection.getMetaData().getTables(null, null, "revisions", null)) {
                has = tables.next();
            }
            if (has) {
                statement.executeUpdate("UPDATE revisions SET epoch = "
                        + DatabaseKind.SQLITE.words().get("random"));
            }
        } catch (SQLException e) {
            throw new IOException(file + " cannot be given another epoch: " + e.getMessage(), e);
        }
    }

    /** The jobs in it. */
    public JobStore store() {
        return store;
    }

    /** What they have told. */
    public TelemetryStore telemetry() {
        return telemetry;
    }

    /**
     * Gives the jobs of versions that stored no device the one of their spec; to be called before anything runs.
     *
     * @param deviceOf a spec's device
     */
    public void fillDevices(Function<Opaque, String> deviceOf) {
        tables.fillDevices(deviceOf);
    }

    @Override
    public void close() {
        source.close();
        lock.ifPresent(ServerLock::close);
    }
}
