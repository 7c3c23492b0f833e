package dev.ternion.cli;

import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Entry of the command line. */
public final class Cli {
    private Cli() {}

    /**
     * Runs one command.
     *
     * @param args as typed
     * @param launcher starts servers
     * @param engine this machine's engine
     * @param folders data folders of this machine
     * @param access tokens of data folders
     * @param out for JSON
     * @param err for people
     * @return exit code of the process
     */
    public static int run(
            String[] args,
            Launcher launcher,
            Engine engine,
            DataFolders folders,
            Access access,
            PrintStream out,
            PrintStream err) {
        return run(args, launcher, engine, folders, access, out, err, Terminal.detect());
    }

    static int run(
            String[] args,
            Launcher launcher,
            Engine engine,
            DataFolders folders,
            Access access,
            PrintStream out,
            PrintStream err,
            Terminal terminal) {
        RootCommand root = new RootCommand();
        Session session = new Session(launcher, engine, folders, access, out, err, terminal, root);
        // A worker should start soon, and reading what all the commands declare takes time.
        boolean worker = args.length > 0 && args[0].equals("worker");
        CommandLine line = worker ? new CommandLine(root) : commands(root, session);
        line.addSubcommand(new WorkerCommand(session));
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setUsageHelpWidth(Math.min(terminal.columns(), 120));
        line.setUsageHelpAutoWidth(false);
        line.setParameterExceptionHandler((problem, ignored) -> usage(problem, session));
        line.setExecutionExceptionHandler((problem, command, parsed) -> failed(problem, session));
        line.getCommandSpec().usageMessage().exitCodeList(exitCodes());
        if (args.length == 0) {
            line.usage(err);
            return ExitCode.USAGE;
        }
        return line.execute(args);
    }

    private static CommandLine commands(RootCommand root, Session session) {
        CommandLine models = new CommandLine(new GroupCommands.Models())
                .addSubcommand(new ModelsImportCommand(session))
                .addSubcommand(new ModelsListCommand(session))
                .addSubcommand(new ModelsDownloadCommand(session));
        CommandLine datasets = new CommandLine(new GroupCommands.Datasets())
                .addSubcommand(new DatasetsImportCommand(session))
                .addSubcommand(new DatasetsListCommand(session));
        CommandLine jobs = new CommandLine(new GroupCommands.Jobs())
                .addSubcommand(new JobsSubmitCommand(session))
                .addSubcommand(new JobsListCommand(session))
                .addSubcommand(new JobsGetCommand(session))
                .addSubcommand(new JobsWatchCommand(session))
                .addSubcommand(new JobsCancelCommand(session))
                .addSubcommand(new JobsPauseCommand(session))
                .addSubcommand(new JobsResumeCommand(session))
                .addSubcommand(new JobsForkCommand(session))
                .addSubcommand(new JobsReportCommand(session))
                .addSubcommand(new JobsLogsCommand(session))
                .addSubcommand(new JobsMetricsCommand(session))
                .addSubcommand(new JobsIngestCommand(session))
                .addSubcommand(new JobsAttemptsCommand(session))
                .addSubcommand(new JobsDeleteCommand(session));
        CommandLine checkpoints = new CommandLine(new GroupCommands.Checkpoints())
                .addSubcommand(new CheckpointsListCommand(session))
                .addSubcommand(new CheckpointsCreateCommand(session))
                .addSubcommand(new CheckpointsVerifyCommand(session))
                .addSubcommand(new CheckpointsPinCommand(session))
                .addSubcommand(new CheckpointsUnpinCommand(session))
                .addSubcommand(new CheckpointsDeleteCommand(session));
        CommandLine tokens = new CommandLine(new GroupCommands.Tokens())
                .addSubcommand(new TokensCreateCommand(session))
                .addSubcommand(new TokensListCommand(session))
                .addSubcommand(new TokensRevokeCommand(session));
        CommandLine audit = new CommandLine(new GroupCommands.Audit()).addSubcommand(new AuditVerifyCommand(session));
        return new CommandLine(root)
                .addSubcommand(new ServeCommand(session))
                .addSubcommand(new QuickstartCommand(session))
                .addSubcommand(models)
                .addSubcommand(datasets)
                .addSubcommand(jobs)
                .addSubcommand(checkpoints)
                .addSubcommand(new BackupCommand(session))
                .addSubcommand(new RestoreCommand(session))
                .addSubcommand(tokens)
                .addSubcommand(audit)
                .addSubcommand(new DoctorCommand(session))
                .addSubcommand(new DevicesCommand(session))
                .addSubcommand(new ConformanceCommand(session))
                .addSubcommand(new BenchCommand(session));
    }

    private static Map<String, String> exitCodes() {
        Map<String, String> codes = new LinkedHashMap<>();
        for (String line : ExitCode.HELP) {
            int colon = line.indexOf(':');
            codes.put(line.substring(0, colon), line.substring(colon + 1));
        }
        return codes;
    }

    private static int usage(ParameterException problem, Session session) {
        session.say(problem.getMessage());
        CommandLine.UnmatchedArgumentException.printSuggestions(problem, session.err());
        session.say("Try: bin/" + problem.getCommandLine().getCommandSpec().qualifiedName() + " --help");
        return ExitCode.USAGE;
    }

    private static int failed(Exception problem, Session session) {
        if (problem instanceof CliException known) {
            session.say(known.getMessage());
            return known.exitCode();
        }
        if (problem instanceof Access.BadOption option) {
            session.say(option.getMessage());
            return ExitCode.USAGE;
        }
        if (problem instanceof StatusRuntimeException refused) {
            RpcError error = RpcError.of(refused, session.options().address());
            error.lines().forEach(session::say);
            return error.exitCode();
        }
        if (problem instanceof InterruptedException) {
            session.say("interrupted");
            return ExitCode.INTERRUPTED;
        }
        IOException io = problem instanceof UncheckedIOException wrapped
                ? wrapped.getCause()
                : problem instanceof IOException plain ? plain : null;
        if (io != null) {
            session.say(text(io));
            return ExitCode.USAGE;
        }
        session.say("This is a bug in the command line: " + problem);
        problem.printStackTrace(session.err());
        return ExitCode.INTERNAL;
    }

    private static String text(IOException problem) {
        if (problem instanceof NoSuchFileException) {
            return "no such file or folder: " + problem.getMessage();
        }
        return problem instanceof FileAlreadyExistsException
                ? "already there: " + problem.getMessage()
                : "cannot read or write: " + problem;
    }
}
