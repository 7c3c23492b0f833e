package dev.ternion.cli;

import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.JobServiceGrpc.JobServiceBlockingStub;
import dev.ternion.api.v1.ResumeJobRequest;
import picocli.CommandLine.Command;

/** Lets a paused job go on. */
@Command(name = "resume", description = "Lets a paused job go on.")
final class JobsResumeCommand extends JobVerb {
    JobsResumeCommand(Session session) {
        super(session);
    }

    @Override
    Job ask(JobServiceBlockingStub jobs, String jobName) {
        return jobs.resumeJob(ResumeJobRequest.newBuilder().setName(jobName).build());
    }
}
