package dev.ternion.jobs;

import java.io.IOException;
import java.util.Optional;

/** Processes that run attempts, one each. Port: every method returns at once. */
public interface Workers {
    /**
     * Starts a worker, which is to claim the attempt.
     *
     * @param onExit called once the process is gone, from any thread
     * @throws IOException if no process can be started
     */
    Worker start(String jobId, int attempt, Runnable onExit) throws IOException;

    /**
     * A worker that is still there, also one that another server started.
     *
     * @param name its name
     */
    Optional<Worker> find(String name);

    /** A process. */
    interface Worker {
        /** Tells it from every other process of this machine, also earlier ones. */
        String name();

        /** Whether it is there. */
        boolean isAlive();

        /** Ends it without asking. */
        void kill();
    }
}
