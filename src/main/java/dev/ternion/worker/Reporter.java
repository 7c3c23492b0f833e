package dev.ternion.worker;

import dev.ternion.jobs.AttemptOver;
import dev.ternion.jobs.JobEvent;
import dev.ternion.jobs.Opaque;
import dev.ternion.jobs.Order;
import dev.ternion.jobs.Report;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Brings what a job says to the server, in order and from a thread of its own: the job goes on while the server is away, until
 * {@link #ROOM} reports wait. Says at least twice a second that the worker is there.
 */
final class Reporter {
    /** Reports that may wait. */
    static final int ROOM = 4096;

    private static final int BATCH = 256;
    private static final long BEAT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final ServerLink link;
    private final Clock clock;
    private final Runnable onOver;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Queue<Report> waiting = new ArrayDeque<>();
    private final Thread thread = new Thread(this::run, "ternion-reporter");
    private volatile Order order = Order.GO_ON;
    private boolean closing;

    /** @param onOver called when the attempt is over without this worker's doing; reports are taken and dropped after it */
    Reporter(ServerLink link, Clock clock, Runnable onOver) {
        this.link = link;
        this.clock = clock;
        this.onOver = onOver;
        thread.start();
    }

    /** What to do, as of the last call. */
    Order order() {
        return order;
    }

    /** Takes a report; waits while there is no room. */
    void say(JobEvent.Kind kind, Opaque payload) {
        Report report = new Report(clock.instant(), new JobEvent.Recorded(kind, payload));
        lock.lock();
        try {
            while (waiting.size() >= ROOM && thread.isAlive()) {
                changed.await(1, TimeUnit.SECONDS);
            }
            waiting.add(report);
            changed.signalAll();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    /** Returns when all reports are with the server. */
    void close() throws InterruptedException {
        lock.lock();
        try {
            closing = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        thread.join();
    }

    private void run() {
        long first = 1;
        try {
            for (List<Report> batch = next(); batch != null; batch = next()) {
                order = link.report(first, batch);
                first += batch.size();
                taken(batch.size());
            }
        } catch (AttemptOver e) {
            onOver.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What to tell next, after a while nothing; null at the end. */
    private List<Report> next() throws InterruptedException {
        lock.lock();
        try {
            long left = BEAT_NANOS;
            while (waiting.isEmpty() && !closing && left > 0) {
                left = changed.awaitNanos(left);
            }
            List<Report> batch = new ArrayList<>(waiting.stream().limit(BATCH).toList());
            return batch.isEmpty() && closing ? null : batch;
        } finally {
            lock.unlock();
        }
    }

    private void taken(int count) {
        lock.lock();
        try {
            for (int i = 0; i < count; i++) {
                waiting.remove();
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
