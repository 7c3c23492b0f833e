package dev.ternion.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves what was committed from SQLite's write-ahead log into the database file, once a second and beside those who commit. Else the commit
 * that makes the log too long does it, and waits for the disk, and all who come after it wait with it.
 */
final class WalCheckpoints implements AutoCloseable {
    /** Pages of 4 KiB in the log at which a commit moves them after all. */
    static final int MOST_PAGES = 16_384;

    private static final Logger LOG = LoggerFactory.getLogger(WalCheckpoints.class);
    private static final int PERIOD_MILLIS = 1000;
    private static final int END_SECONDS = 10;

    private final DataSource source;
    private final Consumer<RuntimeException> onFatal;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "ternion-wal");
        made.setDaemon(true);
        return made;
    });

    /**
     * Begins.
     *
     * @param source connections to the file
     * @param onFatal called when what was moved may not be there
     */
    WalCheckpoints(DataSource source, Consumer<RuntimeException> onFatal) {
        this.source = source;
        this.onFatal = onFatal;
        thread.scheduleWithFixedDelay(this::move, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    }

    // PASSIVE waits for nobody and lets nobody wait.
    private void move() {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA wal_checkpoint(PASSIVE)");
        } catch (SQLException e) {
            if (StoreFaults.isFatal(e)) {
                onFatal.accept(new IllegalStateException("the database's log cannot be moved into its file", e));
            } else {
                LOG.warn("the database's log is moved into its file at the next try", e);
            }
        }
    }

    /** Ends, and waits for what it is at. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            thread.awaitTermination(END_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
