package dev.ternion.server;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/** Where the files of an import come from: pieces that the client sends, or a path of the server that it may name. */
final class ImportSources {
    private final ServerSettings settings;

    ImportSources(ServerSettings settings) {
        this.settings = settings;
    }

    /** A folder for the pieces of one import. */
    UploadFolder upload() throws IOException {
        return new UploadFolder(settings.uploadFolder(), settings.maxUploadBytes());
    }

    /**
     * The real path of a file or folder under an import root; what is elsewhere is refused, existing or not, and so is what
     * {@link ServerFiles} does not let an import open.
     */
    Path serverPath(String path) {
        for (Path root : settings.importRoots()) {
            try {
                Path realRoot = root.toRealPath();
                Path real = realRoot.resolve(path).toRealPath();
                if (real.startsWith(realRoot)) {
                    requirePlain(path, real, realRoot);
                    return real;
                }
            } catch (IOException | InvalidPathException e) {
                continue;
            }
        }
        String wanted = settings.importRoots().isEmpty()
                ? "this server has no import roots: upload the files"
                : "wanted an existing file or folder under one of the server's import roots";
        throw refused(path, wanted);
    }

    private static void requirePlain(String path, Path real, Path root) throws IOException {
        Optional<String> problem = ServerFiles.problem(real, root);
        if (problem.isPresent()) {
            throw refused(path, problem.get());
        }
    }

    private static Refusal refused(String path, String why) {
        return Refusal.invalid("PATH_NOT_ALLOWED", "header.server_path", "is \"" + path + "\"; " + why);
    }
}
