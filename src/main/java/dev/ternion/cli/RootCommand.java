package dev.ternion.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The options of every command. */
@Command(
        name = "ternion",
        description = "Training server for quantization-aware training with Teacher Intervention.",
        subcommandsRepeatable = false,
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit codes:%n")
final class RootCommand {
    static final String DEFAULT_SERVER = "127.0.0.1:8080";

    /** What goes to stdout. */
    enum Output {
        /** JSON, unless stdout is a terminal. */
        AUTO,
        /** JSON. */
        JSON,
        /** Nothing. */
        NONE
    }

    @Option(
            names = "--server",
            scope = ScopeType.INHERIT,
            paramLabel = "HOST:PORT",
            description = "Server to talk to. Default: $TERNION_SERVER, else " + DEFAULT_SERVER + ".")
    private String server;

    @Option(
            names = "--tls",
            scope = ScopeType.INHERIT,
            description = "Speaks TLS with the server; its certificate must be one that the Java runtime trusts.")
    private boolean tls;

    @Option(
            names = "--ca",
            scope = ScopeType.INHERIT,
            paramLabel = "FILE",
            description = "Speaks TLS with the server; its certificate must come from these roots, in PEM.")
    private Path ca;

    @Option(
            names = "--client-cert",
            scope = ScopeType.INHERIT,
            paramLabel = "FILE",
            description = "Certificate in PEM to show to a server that asks for one (--tls-client-ca).")
    private Path clientCertificate;

    @Option(
            names = "--client-key",
            scope = ScopeType.INHERIT,
            paramLabel = "FILE",
            description = "Its key in PEM, PKCS #8.")
    private Path clientKey;

    @Option(
            names = "--token-file",
            scope = ScopeType.INHERIT,
            paramLabel = "FILE",
            description = "File with the token to send. Default: $TERNION_TOKEN, else none.")
    private Path tokenFile;

    @Option(
            names = {"-o", "--output"},
            scope = ScopeType.INHERIT,
            paramLabel = "json|none|auto",
            defaultValue = "AUTO",
            description =
                    "What goes to stdout: JSON, nothing, or JSON unless stdout is a terminal (auto, the default).")
    private Output output = Output.AUTO;

    @Option(
            names = {"-h", "--help"},
            scope = ScopeType.INHERIT,
            usageHelp = true,
            description = "Shows this help.")
    private boolean help;

    /** Whether a server was named on the command line. */
    boolean serverNamed() {
        return server != null;
    }

    /** The server to talk to. */
    ServerAddress address() {
        if (server != null) {
            return ServerAddress.parse(server);
        }
        String environment = System.getenv("TERNION_SERVER");
        return ServerAddress.parse(environment == null || environment.isBlank() ? DEFAULT_SERVER : environment);
    }

    /** What to show to that server; a token goes over plain text to this machine alone. */
    Credentials credentials() {
        if (clientCertificate == null != (clientKey == null) || clientKey != null && ca == null && !tls) {
            throw new CliException(ExitCode.USAGE, "--client-cert and --client-key go together, with --ca or --tls");
        }
        Credentials credentials = new Credentials(tls || ca != null, ca, clientCertificate, clientKey, token());
        if (credentials.token() != null && !credentials.tls() && !address().isLoopback()) {
            throw new CliException(
                    ExitCode.USAGE, "a token is not sent to " + address() + " in plain text; add --ca FILE or --tls");
        }
        return credentials;
    }

    private String token() {
        if (tokenFile != null) {
            try {
                return SecretFile.read(tokenFile);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        String environment = System.getenv("TERNION_TOKEN");
        return environment == null || environment.isBlank() ? null : environment.strip();
    }

    /** What goes to stdout. */
    Output output() {
        return output;
    }
}
