package dev.ternion.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.ternion.jobs.JobStore;
import dev.ternion.jobs.Opaque;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
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

    private static final int CONNECTIONS = 4;
    private static final int BUSY_MILLIS = 10_000;

    private final HikariDataSource source;
    private final SqlJobStore tables;
    private final JobStore store;

    private JobDatabase(
            HikariConfig config, DatabaseKind kind, int maxJobs, int maxEvents, Consumer<RuntimeException> onFatal) {
        config.setMaximumPoolSize(CONNECTIONS);
        config.setPoolName("jobs");
        source = new HikariDataSource(config);
        try {
            Flyway.configure()
                    .dataSource(source)
                    .placeholders(kind.words())
                    .ignoreMigrationPatterns(new String[0])
                    .failOnMissingLocations(true)
                    .load()
                    .migrate();
            tables = new SqlJobStore(Jdbi.create(source), maxJobs, maxEvents);
            store = new SteadyJobStore(tables, StoreFaults::isPassing, StoreFaults::isFatal, onFatal);
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
        return inFolder(folder, DEFAULT_MAX_JOBS, DEFAULT_MAX_EVENTS, onFatal);
    }

    static JobDatabase inFolder(Path folder, int maxJobs, int maxEvents, Consumer<RuntimeException> onFatal)
            throws IOException {
        Files.createDirectories(folder);
        Path file = folder.resolve(DatabaseFile.NAME);
        HikariConfig config = new HikariConfig();
        config.setDataSource(sqlite(file));
        try {
            return new JobDatabase(config, DatabaseKind.SQLITE, maxJobs, maxEvents, onFatal);
        } catch (FlywayException | com.zaxxer.hikari.pool.HikariPool.PoolInitializationException e) {
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
        SQLiteDataSource source = new SQLiteDataSource(settings);
        source.setUrl("jdbc:sqlite:" + file);
        return source;
    }

    /** Opens a PostgreSQL database by its JDBC URL. */
    static JobDatabase postgres(String url, int maxJobs, int maxEvents) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        return new JobDatabase(config, DatabaseKind.POSTGRESQL, maxJobs, maxEvents, e -> {});
    }

    /** The jobs in it. */
    public JobStore store() {
        return store;
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
    }
}
