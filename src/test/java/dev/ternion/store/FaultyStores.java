package dev.ternion.store;

import dev.ternion.jobs.JobStore;
import dev.ternion.telemetry.TelemetryStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.jdbi.v3.core.ConnectionException;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** Makes a share of the calls of stores fail as databases do, before they have happened or after, under what survives that in a server. */
public final class FaultyStores {
    /** How a call fails: the errors of R-4. */
    public enum Fault {
        /** There is no connection. */
        UNAVAILABLE(new SQLTransientConnectionException("no connection")),
        /** PostgreSQL has too many connections. */
        RESOURCE_EXHAUSTED(new SQLException("too many connections", "53300")),
        /** SQLite was locked for too long. */
        TIMEOUT(new SQLiteException("database is locked", SQLiteErrorCode.SQLITE_BUSY)),
        /** The call has happened, but its caller does not learn it. */
        EXECUTE_AND_TIMEOUT(new SQLRecoverableException("the connection was lost", "08007"));

        private final SQLException cause;

        Fault(SQLException cause) {
            this.cause = cause;
        }

        RuntimeException exception() {
            return new ConnectionException(cause);
        }
    }

    /** Their patience is a number of calls, however long this machine stalls. */
    private static final Retries RETRIES =
            new Retries(StoreFaults::isPassing, StoreFaults::isUnknown, StoreFaults::isFatal, e -> {}, () -> 0);

    private final double share;
    private final Random random;
    private final Map<Fault, AtomicLong> counts = new EnumMap<>(Fault.class);

    /**
     * Faults drawn from a seed.
     *
     * @param share of the calls that fail, 0 to 1; each fault as often as another
     */
    public FaultyStores(double share, long seed) {
        this.share = share;
        this.random = new Random(seed);
        for (Fault fault : Fault.values()) {
            counts.put(fault, new AtomicLong());
        }
    }

    /** How often a fault has happened. */
    public long count(Fault fault) {
        return counts.get(fault).get();
    }

    /** A store that survives its faults. */
    public JobStore survived(JobStore store) {
        return new SteadyJobStore(faulty(JobStore.class, store), RETRIES);
    }

    /** The same of series and logs. */
    public TelemetryStore survived(TelemetryStore store) {
        return new SteadyTelemetry(faulty(TelemetryStore.class, store), RETRIES);
    }

    private <T> T faulty(Class<T> port, T store) {
        return port.cast(Proxy.newProxyInstance(
                port.getClassLoader(), new Class<?>[] {port}, (proxy, method, arguments) -> {
                    Fault fault = draw();
                    if (fault != null && fault != Fault.EXECUTE_AND_TIMEOUT) {
                        throw fault.exception();
                    }
                    try {
                        Object result = method.invoke(store, arguments);
                        if (fault != null) {
                            throw fault.exception();
                        }
                        return result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    /** The fault of this call; null for none. */
    private Fault draw() {
        double draw;
        synchronized (random) {
            draw = random.nextDouble();
        }
        if (draw >= share) {
            return null;
        }
        Fault fault = Fault.values()[(int) (draw / share * Fault.values().length)];
        counts.get(fault).incrementAndGet();
        return fault;
    }

    /** A store whose every call fails. */
    static JobStore throwing(RuntimeException fault) {
        return (JobStore) Proxy.newProxyInstance(
                JobStore.class.getClassLoader(), new Class<?>[] {JobStore.class}, (proxy, method, arguments) -> {
                    throw fault;
                });
    }
}
