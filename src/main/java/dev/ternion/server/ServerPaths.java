package dev.ternion.server;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

/** Which files of the server a client may name. */
final class ServerPaths {
    private final List<Path> roots;

    ServerPaths(List<Path> roots) {
        this.roots = List.copyOf(roots);
    }

    /** The real path of a file or folder under one of the roots; what is elsewhere is refused, existing or not. */
    Path resolve(String path) {
        for (Path root : roots) {
            try {
                Path realRoot = root.toRealPath();
                Path real = realRoot.resolve(path).toRealPath();
                if (real.startsWith(realRoot)) {
                    return real;
                }
            } catch (IOException | InvalidPathException e) {
                continue;
            }
        }
        String wanted = roots.isEmpty()
                ? "this server has no import roots: upload the files"
                : "wanted an existing file or folder under one of the server's import roots";
        throw Refusal.invalid("PATH_NOT_ALLOWED", "header.server_path", "is \"" + path + "\"; " + wanted);
    }
}
