package dev.ternion.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Commands that only hold commands. */
final class GroupCommands {
    private GroupCommands() {}

    /** Asks for a sub-command. */
    private abstract static class Group implements Runnable {
        @Spec
        private CommandSpec spec;

        @Override
        public void run() {
            String wanted = String.join(", ", spec.subcommands().keySet());
            throw new ParameterException(spec.commandLine(), "Missing command; wanted one of: " + wanted);
        }
    }

    @Command(name = "models", description = "Imports, lists and downloads models.", synopsisSubcommandLabel = "COMMAND")
    static final class Models extends Group {}

    @Command(name = "datasets", description = "Imports and lists data sets.", synopsisSubcommandLabel = "COMMAND")
    static final class Datasets extends Group {}

    @Command(name = "jobs", description = "Submits, follows and reads jobs.", synopsisSubcommandLabel = "COMMAND")
    static final class Jobs extends Group {}

    @Command(
            name = "checkpoints",
            description = "Lists, makes, verifies, pins and deletes the checkpoints of jobs.",
            synopsisSubcommandLabel = "COMMAND")
    static final class Checkpoints extends Group {}

    @Command(
            name = "tokens",
            description = "Makes, lists and revokes the tokens by which a server of a data folder knows its clients.",
            synopsisSubcommandLabel = "COMMAND")
    static final class Tokens extends Group {}

    @Command(
            name = "audit",
            description = "Checks the audit log of a data folder.",
            synopsisSubcommandLabel = "COMMAND")
    static final class Audit extends Group {}
}
