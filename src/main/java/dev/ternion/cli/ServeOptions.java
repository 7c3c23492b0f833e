package dev.ternion.cli;

import java.nio.file.Path;
import java.util.List;

/**
 * How a server is started.
 *
 * @param dataFolder folder of models, data sets and jobs; made if missing
 * @param host address to listen on
 * @param port TCP port; 0 for a free one
 * @param threads compute threads; 0 for one on each core
 * @param importRoots folders of this machine that imports may read
 * @param queueLimit jobs that may wait
 */
public record ServeOptions(
        Path dataFolder, String host, int port, int threads, List<Path> importRoots, int queueLimit) {
    /** Copies the list. */
    public ServeOptions {
        importRoots = List.copyOf(importRoots);
    }
}
