package dev.ternion.cli;

import dev.ternion.api.v1.CheckpointServiceGrpc.CheckpointServiceBlockingStub;
import java.util.concurrent.Callable;
import picocli.CommandLine.Parameters;

/** A command that changes one checkpoint. */
abstract class CheckpointVerb implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "JOB", description = "Id or name of the job.")
    private String job;

    @Parameters(index = "1", paramLabel = "STEP", description = "Step of the checkpoint, as the list tells it.")
    private long step;

    CheckpointVerb(Session session) {
        this.session = session;
    }

    /** Asks the server for it; what it answers, as JSON. */
    abstract String ask(CheckpointServiceBlockingStub checkpoints, String name);

    /** What has been done. */
    abstract String done();

    @Override
    public Integer call() {
        try (Connection connection = session.connect()) {
            String json = ask(connection.checkpoints(), Names.checkpoint(job, step));
            session.say("Checkpoint " + step + " of job " + Names.id(Names.job(job)) + " is " + done() + ".");
            session.json(json);
            return ExitCode.OK;
        }
    }
}
