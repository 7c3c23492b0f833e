package dev.ternion.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes a data folder of a backup. */
@Command(
        name = "restore",
        description = "Makes a data folder of a backup; nothing appears before all of it has been checked.")
final class RestoreCommand implements Callable<Integer> {
    private final Session session;

    @Option(names = "--from", required = true, paramLabel = "FILE", description = "What `backup` has written.")
    private Path file;

    @Option(names = "--data", required = true, paramLabel = "DIR", description = "New or empty folder.")
    private Path data;

    RestoreCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException {
        Path folder = data.toAbsolutePath().normalize();
        DataFolders.RestoreFacts facts;
        try {
            facts = session.folders().restore(file.toAbsolutePath().normalize(), folder);
        } catch (DataFolders.FolderException e) {
            throw new CliException(ExitCode.JOB_FAILED, "Nothing was restored: " + e.getMessage());
        }
        facts.lacks().forEach(what -> session.say("WARN: the backup lacks " + what));
        session.say("Restored " + folder + " as of " + facts.created() + ", " + facts.files() + " files");
        session.say("Try: bin/ternion serve --data " + folder);
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("dataFolder", folder.toString())
                .put("created", facts.created().toString())
                .put("files", facts.files());
        facts.lacks().forEach(json.putArray("lacks")::add);
        session.json(json.toPrettyString());
        return ExitCode.OK;
    }
}
