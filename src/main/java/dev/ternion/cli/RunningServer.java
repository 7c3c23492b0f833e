package dev.ternion.cli;

import java.nio.file.Path;

/** A server in this process. */
public interface RunningServer extends AutoCloseable {
    /** TCP port. */
    int port();

    /** Folder of models, data sets and jobs. */
    Path dataFolder();

    /** Returns when the server has ended. */
    void awaitTermination() throws InterruptedException;

    /** Stops; running jobs are told to. */
    @Override
    void close();
}
