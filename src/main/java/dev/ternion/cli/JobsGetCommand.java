package dev.ternion.cli;

import dev.ternion.api.v1.GetJobRequest;
import dev.ternion.api.v1.Job;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Reads a job. */
@Command(name = "get", description = "Shows a job.")
final class JobsGetCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(paramLabel = "NAME", description = "Id or name of the job.")
    private String name;

    JobsGetCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        try (Connection connection = session.connect()) {
            Job job = connection
                    .jobs()
                    .getJob(GetJobRequest.newBuilder().setName(Names.job(name)).build());
            session.say(Names.id(job.getName()) + "  " + EventText.state(job.getState()) + "  " + job.getStateReason());
            if (job.hasProgress()) {
                session.say(EventText.progress(job.getProgress()));
            }
            if (job.hasError()) {
                RpcError.describe(job.getError()).forEach(session::say);
            }
            session.json(Json.print(job));
            return ExitCode.OK;
        }
    }
}
