package dev.ternion.cli;

import dev.ternion.api.v1.Dataset;
import dev.ternion.api.v1.ImportDatasetHeader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Imports a data set. */
@Command(
        name = "import",
        description = {
            "Imports a data set:",
            "  a GLUE task:           import cola DIR --glue CoLA",
            "  a table:               import mine train.csv eval.csv --text sentence --label verdict",
            "  columns by position:   import news train.tsv.gz --text '#0' --label '#1'",
            "  a file for each class: import heads --class bait=bait.txt --class news=news.txt"
        })
final class DatasetsImportCommand implements Callable<Integer> {
    private static final List<String> GLUE_SUFFIXES = List.of("train.tsv", "dev.tsv", "test.tsv");

    private final Session session;

    @Parameters(index = "0", paramLabel = "ID", description = "Id of the new data set.")
    private String id;

    @Parameters(
            index = "1..*",
            paramLabel = "PATH",
            description = "GLUE: the task's folder. Table: file to train on, and one to evaluate on if there is one.")
    private List<Path> paths = new ArrayList<>();

    @Option(
            names = "--server-path",
            paramLabel = "DIR",
            defaultValue = "",
            description =
                    "Folder on the server, under one of its import roots, that holds the files; PATHs are then names"
                            + " in it, and nothing is uploaded.")
    private String serverPath;

    @Option(names = "--display-name", defaultValue = "", paramLabel = "TEXT", description = "For people.")
    private String displayName;

    @Mixin
    private DatasetFormatOptions format;

    DatasetsImportCommand(Session session) {
        this.session = session;
        format = new DatasetFormatOptions();
    }

    @Override
    public Integer call() throws Exception {
        ImportDatasetHeader header = ImportDatasetHeader.newBuilder()
                .setDatasetId(id)
                .setDisplayName(displayName)
                .setServerPath(serverPath)
                .setFormat(format.toProto(paths, !serverPath.isEmpty()))
                .build();
        List<UploadFiles.Entry> files = serverPath.isEmpty() ? files() : List.of();
        try (Connection connection = session.connect()) {
            session.say("Importing data set " + id + " ...");
            Dataset dataset = Imports.dataset(connection, header, files);
            session.say(
                    "Data set " + Names.id(dataset.getName()) + ": " + dataset.getTrainRows() + " rows to train on, "
                            + dataset.getEvalRows() + " to evaluate on; " + dataset.getTaskKind() + " "
                            + String.join(", ", dataset.getLabelsList()) + "; metric " + dataset.getPrimaryMetric());
            dataset.getNotesList().forEach(note -> session.say("note: " + note));
            session.json(Json.print(dataset));
            return ExitCode.OK;
        }
    }

    private List<UploadFiles.Entry> files() throws IOException {
        List<UploadFiles.Entry> files = new ArrayList<>();
        for (Path path : format.localFiles(paths)) {
            files.addAll(UploadFiles.under(path, GLUE_SUFFIXES));
        }
        return files;
    }
}
