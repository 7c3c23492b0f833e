package dev.ternion.cli;

import dev.ternion.api.v1.ArtifactFile;
import dev.ternion.api.v1.ListFilesRequest;
import dev.ternion.api.v1.ListFilesResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Downloads the files of a model. */
@Command(name = "download", description = "Downloads the files of a model; every file is checked by its SHA-256.")
final class ModelsDownloadCommand implements Callable<Integer> {
    private static final int PAGE = 500;

    private final Session session;

    @Parameters(index = "0", paramLabel = "NAME", description = "Id or name of the model.")
    private String name;

    @Parameters(index = "1", paramLabel = "DIR", description = "Folder to write to; made if missing.")
    private Path folder;

    ModelsDownloadCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException {
        String model = Names.model(name);
        String prefix = model + "/files/";
        ListFilesResponse.Builder all = ListFilesResponse.newBuilder();
        try (Connection connection = session.connect()) {
            String token = "";
            do {
                ListFilesResponse page = connection
                        .artifacts()
                        .listFiles(ListFilesRequest.newBuilder()
                                .setParent(model)
                                .setPageSize(PAGE)
                                .setPageToken(token)
                                .build());
                for (ArtifactFile file : page.getFilesList()) {
                    Path target = target(file.getName(), prefix);
                    Files.createDirectories(target.getParent());
                    String sha256 = new Download(connection, file.getName(), target).run();
                    session.say(target + "  " + file.getSize() + " bytes  sha256 " + sha256);
                    all.addFiles(file.toBuilder().setSha256(sha256));
                }
                token = page.getNextPageToken();
            } while (!token.isEmpty());
        }
        session.json(Json.print(all));
        return ExitCode.OK;
    }

    /** Where a file goes: never outside the folder, whatever the server says. */
    private Path target(String file, String prefix) {
        Path root = folder.toAbsolutePath().normalize();
        Path target = file.startsWith(prefix)
                ? root.resolve(file.substring(prefix.length())).normalize()
                : root;
        if (target.equals(root) || !target.startsWith(root)) {
            throw new CliException(ExitCode.INTERNAL, "the server names a file outside the model: " + file);
        }
        return target;
    }
}
