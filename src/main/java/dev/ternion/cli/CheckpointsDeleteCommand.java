package dev.ternion.cli;

import dev.ternion.api.v1.CheckpointServiceGrpc.CheckpointServiceBlockingStub;
import dev.ternion.api.v1.DeleteCheckpointRequest;
import picocli.CommandLine.Command;

/** Deletes a checkpoint. */
@Command(name = "delete", description = "Deletes a checkpoint that is not pinned and that its job does not need.")
final class CheckpointsDeleteCommand extends CheckpointVerb {
    CheckpointsDeleteCommand(Session session) {
        super(session);
    }

    @Override
    String ask(CheckpointServiceBlockingStub checkpoints, String name) {
        return Json.print(checkpoints.deleteCheckpoint(
                DeleteCheckpointRequest.newBuilder().setName(name).build()));
    }

    @Override
    String done() {
        return "deleted";
    }
}
