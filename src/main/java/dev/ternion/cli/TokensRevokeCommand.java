package dev.ternion.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Revokes a token. */
@Command(
        name = "revoke",
        description =
                "Takes a token back for good. A running server refuses it within 5 seconds, and ends streams that it opened.")
final class TokensRevokeCommand implements Callable<Integer> {
    private final Session session;

    @Option(
            names = "--data",
            defaultValue = "ternion-data",
            paramLabel = "DIR",
            description = "Data folder. Default: ternion-data.")
    private Path data;

    @Parameters(paramLabel = "ID", description = "Id of the token: `tokens list`.")
    private String id;

    TokensRevokeCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException {
        if (!session.access().revokeToken(data, id)) {
            throw new CliException(ExitCode.NOT_FOUND, "no token " + id + " in " + data + "; see `tokens list`");
        }
        session.say("Token " + id + " is revoked.");
        session.json("{}");
        return ExitCode.OK;
    }
}
