package dev.ternion.cli;

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

    /** What goes to stdout. */
    Output output() {
        return output;
    }
}
