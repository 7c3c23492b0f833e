package dev.ternion.cli;

import dev.ternion.api.v1.CancelJobRequest;
import dev.ternion.api.v1.Job;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Asks a job to stop. */
@Command(name = "cancel", description = "Asks a job to stop.")
final class JobsCancelCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(paramLabel = "NAME", description = "Id or name of the job.")
    private String name;

    JobsCancelCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        try (Connection connection = session.connect()) {
            Job job = connection
                    .jobs()
                    .cancelJob(CancelJobRequest.newBuilder()
                            .setName(Names.job(name))
                            .build());
            session.say("Job " + Names.id(job.getName()) + " " + EventText.state(job.getState()));
            session.json(Json.print(job));
            return ExitCode.OK;
        }
    }
}
