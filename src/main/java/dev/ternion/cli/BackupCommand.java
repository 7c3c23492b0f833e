package dev.ternion.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Writes a data folder into one file. */
@Command(
        name = "backup",
        description =
                "Writes a data folder into one file, also while a server uses it: jobs, models, data sets, checkpoints.")
final class BackupCommand implements Callable<Integer> {
    private final Session session;

    @Option(
            names = "--data",
            defaultValue = "ternion-data",
            paramLabel = "DIR",
            description = "Data folder. Default: ternion-data.")
    private Path data;

    @Option(names = "--to", required = true, paramLabel = "FILE", description = "New file, a tar archive.")
    private Path file;

    BackupCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException {
        Path folder = data.toAbsolutePath().normalize(),
                target = file.toAbsolutePath().normalize();
        DataFolders.BackupFacts facts;
        try {
            facts = session.folders().backup(folder, target);
        } catch (DataFolders.FolderException e) {
            throw new CliException(ExitCode.JOB_FAILED, "No backup was made: " + e.getMessage());
        }
        facts.lacks().forEach(what -> session.say("WARN: the data folder lacks " + what));
        session.say(String.format(
                "Backup of %s in %s: %d models, %d data sets, %d files, %.1f MB",
                folder, target, facts.models(), facts.datasets(), facts.files(), facts.bytes() / 1e6));
        session.say("Try: bin/ternion restore --from " + target + " --data NEW-FOLDER");
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("file", target.toString())
                .put("bytes", facts.bytes())
                .put("files", facts.files())
                .put("models", facts.models())
                .put("datasets", facts.datasets());
        facts.lacks().forEach(json.putArray("lacks")::add);
        session.json(json.toPrettyString());
        return ExitCode.OK;
    }
}
