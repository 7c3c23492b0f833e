package dev.ternion.cli;

import java.net.URI;
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
 * @param bucket where models, data sets, finalized uploads and checkpoints are kept; empty: in the data folder alone
 * @param traces collector where spans are posted; empty: there are none
 * @param quotas file of the quotas of callers; empty: there are none
 * @param database settings file of the PostgreSQL database that holds the jobs; empty: jobs.db in the data folder
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
        boolean jsonLog,
        Optional<BucketAddress> bucket,
        Optional<URI> traces,
        Optional<Path> quotas,
        Optional<Path> database) {
    /**
     * Where metrics are served.
     *
     * @param host address to listen on
     * @param port TCP port; 0 for a free one
     */
    public record MetricsAddress(String host, int port) {}

    /**
     * A bucket of S3.
     *
     * @param address as typed
     * @param endpoint of a server other than Amazon's, as typed; may be empty
     */
    public record BucketAddress(String address, String endpoint) {}

    /** Copies the list. */
    public ServeOptions {
        importRoots = List.copyOf(importRoots);
    }

    /** All in the data folder, without traces and quotas. */
    public ServeOptions(
            Path dataFolder,
            String host,
            int port,
            int threads,
            List<Path> importRoots,
            int queueLimit,
            ServeSecurity security,
            Optional<MetricsAddress> metrics,
            boolean jsonLog) {
        this(
                dataFolder,
                host,
                port,
                threads,
                importRoots,
                queueLimit,
                security,
                metrics,
                jsonLog,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }
}
