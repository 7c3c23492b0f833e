package dev.ternion.cli;

import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.PauseJobRequest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Takes a job from its device. */
@Command(name = "pause", description = "Takes a job from its device until it is resumed.")
final class JobsPauseCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(paramLabel = "NAME", description = "Id or name of the job.")
    private String name;

    JobsPauseCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        try (Connection connection = session.connect()) {
            Job job = connection
                    .jobs()
                    .pauseJob(PauseJobRequest.newBuilder()
                            .setName(Names.job(name))
                            .build());
            session.say("Job " + Names.id(job.getName()) + " " + EventText.state(job.getState()));
            session.json(Json.print(job));
            return ExitCode.OK;
        }
    }
}
