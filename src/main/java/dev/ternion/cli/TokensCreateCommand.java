package dev.ternion.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes a token. */
@Command(
        name = "create",
        description =
                "Makes a token and shows it, this once: the data folder keeps a hash only. A running server knows it within a second.")
final class TokensCreateCommand implements Callable<Integer> {
    private static final String DEFAULT_PROJECT = "default";

    private final Session session;

    @Option(
            names = "--data",
            defaultValue = "ternion-data",
            paramLabel = "DIR",
            description = "Data folder. Default: ternion-data.")
    private Path data;

    @Option(names = "--name", required = true, paramLabel = "NAME", description = "Who or what will use it, for lists.")
    private String name;

    @Option(
            names = "--role",
            required = true,
            paramLabel = "ROLE",
            description =
                    "viewer (reads), submitter (and imports, creates jobs), operator (and cancels, deletes) or admin.")
    private String role;

    @Option(
            names = "--project",
            defaultValue = DEFAULT_PROJECT,
            paramLabel = "ID",
            description = "Project that it is good for. Default: " + DEFAULT_PROJECT + ".")
    private String project;

    @Option(
            names = "--days",
            defaultValue = "90",
            paramLabel = "N",
            description = "Days until it expires, 1 to 366. Default: 90.")
    private int days;

    @Option(
            names = "--to",
            paramLabel = "FILE",
            description = "Writes the token into this new file, readable for its owner alone, instead of showing it.")
    private Path to;

    TokensCreateCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException {
        if (to != null && Files.exists(to)) {
            throw new CliException(ExitCode.USAGE, "--to " + to + " exists; wanted a new file");
        }
        Access.Made made = session.access().createToken(data, name, role, project, Duration.ofDays(days));
        Access.Entry entry = made.entry();
        session.say("Token " + entry.id() + ", " + entry.role() + " of project " + entry.project() + ", good until "
                + entry.expires());
        ObjectNode json = TokensListCommand.json(entry);
        if (to != null) {
            SecretFile.write(to, made.secret());
            session.say("It is in " + to + "; use it with --token-file " + to);
        } else if (session.writesJson()) {
            json.put("secret", made.secret());
        } else {
            session.say("It is shown this once: " + made.secret());
        }
        session.json(json.toPrettyString());
        return ExitCode.OK;
    }
}
