package dev.ternion.store;

import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientException;
import java.util.Set;
import org.jdbi.v3.core.transaction.TransactionException;
import org.sqlite.SQLiteException;

/** What went wrong in a database. */
final class StoreFaults {
    /** SQLite's primary codes of a disk or file that cannot be trusted: read-only, I/O (a failed sync too), corrupt, full, not a database. */
    private static final Set<Integer> FATAL = Set.of(8, 10, 11, 13, 26);
    /** SQLite: busy, locked. */
    private static final Set<Integer> PASSING = Set.of(5, 6);
    /** Of PostgreSQL: connection lost, transaction rolled back, out of resources (its disk is full, too), shut down. */
    private static final Set<String> PASSING_CLASSES = Set.of("08", "40", "53", "57");
    /** PostgreSQL: may not write now, as while another machine takes over. */
    private static final String READ_ONLY = "25006";

    private StoreFaults() {}

    /**
     * Whether nothing may be acknowledged any more: what was written may not be there. No fault of PostgreSQL is one: it gives up
     * itself when it cannot trust its disk, and what it has not acknowledged is not acknowledged here.
     */
    static boolean isFatal(Throwable fault) {
        return sql(fault) instanceof SQLiteException sqlite && FATAL.contains(primary(sqlite));
    }

    /** Whether the same call may succeed a little later. */
    static boolean isPassing(Throwable fault) {
        SQLException sql = sql(fault);
        if (sql instanceof SQLiteException sqlite) {
            return PASSING.contains(primary(sqlite));
        }
        return sql instanceof SQLTransientException
                || sql instanceof SQLRecoverableException
                || sql != null && isPassing(sql.getSQLState());
    }

    private static boolean isPassing(String state) {
        return READ_ONLY.equals(state)
                || state != null && state.length() >= 2 && PASSING_CLASSES.contains(state.substring(0, 2));
    }

    /** Whether the call may have done its work: the commit was sent and its answer did not come. */
    static boolean isUnknown(Throwable fault) {
        for (Throwable cause = fault; cause != null; cause = cause.getCause()) {
            if (cause instanceof TransactionException) {
                return true;
            }
        }
        return false;
    }

    private static int primary(SQLiteException fault) {
        return fault.getResultCode().code & 0xff;
    }

    private static SQLException sql(Throwable fault) {
        for (Throwable cause = fault; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                return sql;
            }
        }
        return null;
    }
}
