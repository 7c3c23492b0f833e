package dev.ternion.cli;

import java.nio.file.Path;
import java.util.OptionalInt;

/** A server in this process. */
public interface RunningServer extends AutoCloseable {
    /** Status of a process whose server can no longer store jobs. */
    int STORE_LOST = ExitCode.STORE_LOST;

    /** TCP port. */
    int port();

    /** TCP port of the metrics; empty when they are not served. */
    OptionalInt metricsPort();

    /** Folder of models, data sets and jobs. */
    Path dataFolder();

    /** Returns when the server has ended. */
    void awaitTermination() throws InterruptedException;

    /** Stops; the running job goes back to the queue. */
    @Override
    void close();

    /** Ends the process with a status, from one of its shutdown hooks. */
    void halt(int status);
}
