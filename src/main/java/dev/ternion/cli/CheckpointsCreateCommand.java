package dev.ternion.cli;

import dev.ternion.api.v1.Checkpoint;
import dev.ternion.api.v1.CheckpointServiceGrpc;
import dev.ternion.api.v1.CreateCheckpointRequest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Has a running job make a checkpoint. */
@Command(
        name = "create",
        description =
                "Has a running job make a checkpoint at its next step, and waits until it is on disk; the job goes on.")
final class CheckpointsCreateCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(paramLabel = "JOB", description = "Id or name of the job.")
    private String job;

    CheckpointsCreateCommand(Session session) {
        this.session = session;
    }

    // Without a deadline: the server ends a call that takes too long, and the job ends it when it stops.
    @Override
    public Integer call() {
        try (Connection connection = session.connect()) {
            Checkpoint made = CheckpointServiceGrpc.newBlockingStub(connection.channel())
                    .createCheckpoint(CreateCheckpointRequest.newBuilder()
                            .setParent(Names.job(job))
                            .build());
            session.say("Checkpoint " + made.getJobStep() + " of job " + Names.id(Names.job(job)) + " is made.");
            session.json(Json.print(made));
            return ExitCode.OK;
        }
    }
}
