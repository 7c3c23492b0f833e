package dev.ternion.cli;

import dev.ternion.api.v1.CancelJobRequest;
import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.JobServiceGrpc.JobServiceBlockingStub;
import picocli.CommandLine.Command;

/** Asks a job to stop. */
@Command(name = "cancel", description = "Asks a job to stop.")
final class JobsCancelCommand extends JobVerb {
    JobsCancelCommand(Session session) {
        super(session);
    }

    @Override
    Job ask(JobServiceBlockingStub jobs, String jobName) {
        return jobs.cancelJob(CancelJobRequest.newBuilder().setName(jobName).build());
    }
}
