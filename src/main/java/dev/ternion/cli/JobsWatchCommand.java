package dev.ternion.cli;

import dev.ternion.api.v1.Job;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Follows a job. */
@Command(name = "watch", description = "Follows a job to its end. Ctrl-C leaves it running.")
final class JobsWatchCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(paramLabel = "NAME", description = "Id or name of the job.")
    private String name;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            converter = DurationOption.class,
            description = "Longest wait, for example 30m; then exit code 5, and the job still runs.")
    private Duration timeout;

    JobsWatchCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        try (Connection connection = session.connect()) {
            FollowJob follow = new FollowJob(session, connection, List.of());
            Job end = follow.run(Names.job(name), timeout);
            session.json(Json.print(end));
            return follow.exitCode(end);
        }
    }
}
