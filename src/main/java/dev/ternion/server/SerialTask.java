package dev.ternion.server;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a task again after every wake-up, never twice at a time; wake-ups in between are one. Never blocks the waker.
 */
final class SerialTask {
    private static final Logger LOG = LoggerFactory.getLogger(SerialTask.class);

    private final Executor executor;
    private final Runnable task;
    private final AtomicInteger wanted = new AtomicInteger();

    SerialTask(Executor executor, Runnable task) {
        this.executor = executor;
        this.task = task;
    }

    void wake() {
        if (wanted.getAndIncrement() == 0) {
            start();
        }
    }

    /** An executor that was shut down refuses: the server is gone, and with it whoever waits for this task. */
    private void start() {
        try {
            executor.execute(this::runAll);
        } catch (RejectedExecutionException e) {
            LOG.debug("task dropped, the server has stopped");
        }
    }

    private void runAll() {
        int seen = wanted.get();
        while (seen != 0) {
            task.run();
            seen = wanted.addAndGet(-seen);
        }
    }
}
