package dev.ternion.cli;

import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.JobServiceGrpc.JobServiceBlockingStub;
import dev.ternion.api.v1.PauseJobRequest;
import picocli.CommandLine.Command;

/** Takes a job from its device until it is resumed. */
@Command(name = "pause", description = "Takes a job from its device until it is resumed.")
final class JobsPauseCommand extends JobVerb {
    JobsPauseCommand(Session session) {
        super(session);
    }

    @Override
    Job ask(JobServiceBlockingStub jobs, String jobName) {
        return jobs.pauseJob(PauseJobRequest.newBuilder().setName(jobName).build());
    }
}
