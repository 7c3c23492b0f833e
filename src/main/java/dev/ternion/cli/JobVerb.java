package dev.ternion.cli;

import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.JobServiceGrpc.JobServiceBlockingStub;
import java.util.concurrent.Callable;
import picocli.CommandLine.Parameters;

/** A command that changes the state of one job, and tells the state it has then. */
abstract class JobVerb implements Callable<Integer> {
    private final Session session;

    @Parameters(paramLabel = "NAME", description = "Id or name of the job.")
    private String name;

    JobVerb(Session session) {
        this.session = session;
    }

    /** Asks the server for it. */
    abstract Job ask(JobServiceBlockingStub jobs, String jobName);

    @Override
    public Integer call() {
        try (Connection connection = session.connect()) {
            Job job = ask(connection.jobs(), Names.job(name));
            session.say("Job " + Names.id(job.getName()) + " " + EventText.state(job.getState()));
            session.json(Json.print(job));
            return ExitCode.OK;
        }
    }
}
