package dev.ternion.store;

import dev.ternion.jobs.JobStore;
import dev.ternion.telemetry.TelemetryStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Random;

/** Makes a share of the calls of a store fail: before they have happened, or after. */
public final class FaultyJobStore {
    /** A fault that passes. */
    static final class Passing extends RuntimeException {
        Passing(String call, boolean happened) {
            super(call + (happened ? ": it happened, but the caller saw a time-out" : ": unavailable"));
        }
    }

    private static final Retries RETRIES =
            new Retries(Passing.class::isInstance, e -> false, e -> false, e -> {}, System::nanoTime);

    private FaultyJobStore() {}

    static JobStore of(JobStore store, double share, long seed) {
        return of(JobStore.class, store, share, seed);
    }

    private static <T> T of(Class<T> port, T store, double share, long seed) {
        Random random = new Random(seed);
        return port.cast(Proxy.newProxyInstance(
                port.getClassLoader(), new Class<?>[] {port}, (proxy, method, arguments) -> {
                    double draw;
                    synchronized (random) {
                        draw = random.nextDouble();
                    }
                    if (draw < share / 2) {
                        throw new Passing(method.getName(), false);
                    }
                    try {
                        Object result = method.invoke(store, arguments);
                        if (draw < share) {
                            throw new Passing(method.getName(), true);
                        }
                        return result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    /** A store whose every call fails. */
    static JobStore throwing(RuntimeException fault) {
        return (JobStore) Proxy.newProxyInstance(
                JobStore.class.getClassLoader(), new Class<?>[] {JobStore.class}, (proxy, method, arguments) -> {
                    throw fault;
                });
    }

    /** A store that survives its faults. */
    public static JobStore survived(JobStore store, double share, long seed) {
        return new SteadyJobStore(of(store, share, seed), RETRIES);
    }

    /** The same of series and logs. */
    static TelemetryStore survived(TelemetryStore store, double share, long seed) {
        return new SteadyTelemetry(of(TelemetryStore.class, store, share, seed), RETRIES);
    }
}
