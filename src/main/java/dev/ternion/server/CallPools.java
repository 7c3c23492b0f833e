package dev.ternion.server;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that serve calls. Most work waits for the disk or for locks, so it has threads of its own, and what waits for them is
 * bounded: a call that would be too much is marked, and {@link AdmissionInterceptor} refuses it on other threads, which never wait for
 * long. Health is told by those too, however busy the server is.
 */
final class CallPools implements ServerCallExecutorSupplier {
    private static final Metadata.Key<String> TOO_MUCH =
            Metadata.Key.of("x-ternion-waiting", Metadata.ASCII_STRING_MARSHALLER);

    private static final String HEALTH = "grpc.health.v1.Health";
    private static final int DOORS = 2;

    private final ThreadPoolExecutor work;
    private final ThreadPoolExecutor doors = pool(DOORS, "ternion-door");
    private final int maxWaiting;

    /**
     * @param threads that do the work
     * @param maxWaiting calls that may wait for them
     */
    CallPools(int threads, int maxWaiting) {
        this.work = pool(threads, "ternion-call");
        this.maxWaiting = maxWaiting;
    }

    /** Calls that wait when this one is too much; 0 when it is not. */
    static int tooMuch(Metadata headers) {
        String waiting = headers.get(TOO_MUCH);
        return waiting == null ? 0 : Integer.parseInt(waiting);
    }

    /** Threads for the work of calls. */
    Executor work() {
        return work;
    }

    /** Threads that begin calls, refuse them and tell of health. */
    Executor doors() {
        return doors;
    }

    int maxWaiting() {
        return maxWaiting;
    }

    /** @return null for the doors */
    @Override
    public <Q, R> Executor getExecutor(ServerCall<Q, R> call, Metadata headers) {
        headers.discardAll(TOO_MUCH);
        if (HEALTH.equals(call.getMethodDescriptor().getServiceName())) {
            return null;
        }
        int waiting = work.getQueue().size();
        if (waiting < maxWaiting) {
            return work;
        }
        headers.put(TOO_MUCH, String.valueOf(waiting));
        return null;
    }

    void shutdown() {
        work.shutdown();
        doors.shutdown();
    }

    // The queue itself has no bound, as a task of a call in progress must not be lost; a connection has at most 256
    // calls.
    private static ThreadPoolExecutor pool(int size, String name) {
        ThreadPoolExecutor pool =
                new ThreadPoolExecutor(size, size, 30, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), threads(name));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    static ThreadFactory threads(String name) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }
}
