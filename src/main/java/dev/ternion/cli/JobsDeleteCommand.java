package dev.ternion.cli;

import dev.ternion.api.v1.DeleteJobRequest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Deletes a final job. */
@Command(name = "delete", description = "Deletes a job that has ended, with its report; its models stay.")
final class JobsDeleteCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(paramLabel = "NAME", description = "Id or name of the job.")
    private String name;

    JobsDeleteCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        try (Connection connection = session.connect()) {
            connection
                    .jobs()
                    .deleteJob(DeleteJobRequest.newBuilder()
                            .setName(Names.job(name))
                            .build());
            session.say("Job " + Names.id(name) + " is deleted.");
            session.json("{}");
            return ExitCode.OK;
        }
    }
}
