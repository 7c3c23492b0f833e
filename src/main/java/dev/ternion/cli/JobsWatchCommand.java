package dev.ternion.cli;

import dev.ternion.api.v1.Job;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Follows a job, or all of them. */
@Command(
        name = "watch",
        description = "Follows a job to its end, or with --all the states of all jobs. Ctrl-C leaves them running.")
final class JobsWatchCommand implements Callable<Integer> {
    private final Session session;

    @ArgGroup(multiplicity = "1")
    private Which which;

    @Option(
            names = "--filter",
            defaultValue = "",
            paramLabel = "FILTER",
            description =
                    "With --all: jobs that come into these states, are in them, or leave them, for example state=RUNNING.")
    private String filter;

    @Option(
            names = "--progress",
            description = "With --all: also how far running jobs are, each once a second at most.")
    private boolean progress;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            converter = DurationOption.class,
            description = "Longest wait, for example 30m; then exit code 5, and the job still runs.")
    private Duration timeout;

    /** One job or all. */
    private static final class Which {
        @Parameters(paramLabel = "NAME", description = "Id or name of the job.")
        private String name;

        @Option(
                names = "--all",
                required = true,
                description = "All jobs as they are, then each change of a state, each new and each deleted job;"
                        + " as JSON, one line each.")
        private boolean all;
    }

    JobsWatchCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (!which.all && !filter.isEmpty()) {
            throw new CliException(ExitCode.USAGE, "--filter is for --all; one job has no filter");
        }
        if (!which.all && progress) {
            throw new CliException(ExitCode.USAGE, "--progress is for --all; the watch of one job shows it anyway");
        }
        try (Connection connection = session.connect()) {
            if (which.all) {
                new AllJobsFollower(session, connection, filter, progress, timeout).follow();
                throw new CliException(ExitCode.TIMED_OUT, "time is over");
            }
            FollowJob follow = new FollowJob(session, connection, List.of());
            Job end = follow.run(Names.job(which.name), timeout);
            session.json(Json.print(end));
            return follow.exitCode(end);
        }
    }
}
