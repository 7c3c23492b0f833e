package dev.ternion.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How a server is started.
 *
 * @param dataFolder folder of models, data sets and jobs; made if missing
 * @param host address to listen on
 * @param port TCP port; 0 for a free one
 * @param threads compute threads; 0 for one on each core
 * @param importRoots folders of this machine that imports may read
 * @param queueLimit jobs that may wait
 * @param security TLS and authentication
 * @param metrics where metrics are served, if they are
 * @param jsonLog whether each line of the log is a JSON object
 */
public record ServeOptions(
        Path dataFolder,
        String host,
        int port,
        int threads,
        List<Path> importRoots,
        int queueLimit,
        ServeSecurity security,
        Optional<MetricsAddress> metrics,
        boolean jsonLog) {
    /**
     * Where metrics are served.
     *
     * @param host address to listen on
     * @param port TCP port; 0 for a free one
     */
    public record MetricsAddress(String host, int port) {}

    /** Copies the list. */
    public ServeOptions {
        importRoots = List.copyOf(importRoots);
    }
}
