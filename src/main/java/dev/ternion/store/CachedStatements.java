package dev.ternion.store;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteDataSource;
import org.sqlite.core.DB;
import org.sqlite.jdbc4.JDBC4Connection;
import org.sqlite.jdbc4.JDBC4PreparedStatement;

/**
 * SQLite with connections that keep a prepared statement when it is closed, for the next use of the same text: the driver parses and
 * plans a text at each use, which takes longer than most of our statements themselves. A statement must not be used after it was
 * closed; the pool of connections sees to that.
 */
final class CachedStatements extends SQLiteDataSource {
    /** Statements that a connection keeps; beyond it the one that was used longest ago is closed. */
    static final int MOST = 128;

    CachedStatements(SQLiteConfig settings) {
        super(settings);
    }

    @Override
    public SQLiteConnection getConnection(String user, String password) throws SQLException {
        String file = getUrl().substring("jdbc:sqlite:".length());
        return new CachingConnection(getUrl(), file, getConfig().toProperties());
    }

    /** As such, of one thread at a time. */
    private static final class CachingConnection extends JDBC4Connection {
        private final Map<String, Kept> idle = new LinkedHashMap<>();

        private CachingConnection(String url, String file, Properties settings) throws SQLException {
            super(url, file, settings);
        }

        @Override
        public PreparedStatement prepareStatement(String sql, int type, int concurrency, int holdability)
                throws SQLException {
            Kept kept = idle.remove(sql);
            if (kept != null) {
                return kept;
            }
            checkOpen();
            checkCursor(type, concurrency, holdability);
            return new Kept(this, sql);
        }

        /** @return the statement that must be closed in its place, or null */
        private Kept keep(String sql, Kept statement) {
            Kept same = idle.put(sql, statement);
            return same == null && idle.size() > MOST
                    ? idle.remove(idle.keySet().iterator().next())
                    : same;
        }
    }

    private static final class Kept extends JDBC4PreparedStatement {
        private final CachingConnection owner;
        private final String sql;

        private Kept(CachingConnection owner, String sql) throws SQLException {
            super(owner, sql);
            this.owner = owner;
            this.sql = sql;
        }

        /** Ends its rows and forgets its values; one that was set up in a way of its own is not kept. */
        @Override
        public void close() throws SQLException {
            if (pointer.isClosed() || getMaxRows() != 0 || getQueryTimeout() != 0) {
                super.close();
                return;
            }
            rs.close();
            pointer.safeRunInt(DB::reset);
            resultsWaiting = false;
            clearParameters();
            Kept gone = owner.keep(sql, this);
            if (gone != null) {
                gone.end();
            }
        }

        private void end() throws SQLException {
            super.close();
        }
    }
}
