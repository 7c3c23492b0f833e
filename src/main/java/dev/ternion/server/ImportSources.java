package dev.ternion.server;

import dev.ternion.api.ResourceNames;
import dev.ternion.api.v1.UploadedFile;
import dev.ternion.objects.Uploads;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Where the files of an import come from: pieces that the client sends, or a path of the server that it may name. */
final class ImportSources {
    private final ServerSettings settings;
    private final Uploads uploads;

    ImportSources(ServerSettings settings, Uploads uploads) {
        this.settings = settings;
        this.uploads = uploads;
    }

    /** Requires that all of them are there and finalized, before anything is sent. */
    void requireFinalized(List<UploadedFile> files) {
        for (int i = 0; i < files.size(); i++) {
            String name = files.get(i).getUpload();
            if (!uploads.get(id(i, name)).isFinalized()) {
                throw Refusal.precondition(
                        "UPLOAD_INCOMPLETE", name, "upload " + name + " is not finalized; call FinalizeUpload first");
            }
        }
    }

    /** Copies uploads into the folder of an import. */
    void copy(List<UploadedFile> files, UploadFolder folder) throws IOException {
        for (int i = 0; i < files.size(); i++) {
            try (InputStream in = uploads.open(id(i, files.get(i).getUpload()), 0)) {
                folder.add(files.get(i).getPath(), in);
            }
        }
    }

    private static String id(int index, String name) {
        return Requests.id(ResourceNames.UPLOAD, "header.uploads[" + index + "].upload", name);
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
