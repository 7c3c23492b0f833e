package dev.ternion.cli;

import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.ResumeJobRequest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Lets a paused job go on. */
@Command(name = "resume", description = "Lets a paused job go on.")
final class JobsResumeCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(paramLabel = "NAME", description = "Id or name of the job.")
    private String name;

    JobsResumeCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        try (Connection connection = session.connect()) {
            Job job = connection
                    .jobs()
                    .resumeJob(ResumeJobRequest.newBuilder()
                            .setName(Names.job(name))
                            .build());
            session.say("Job " + Names.id(job.getName()) + " " + EventText.state(job.getState()));
            session.json(Json.print(job));
            return ExitCode.OK;
        }
    }
}
