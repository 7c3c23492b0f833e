package dev.ternion.cli;

import dev.ternion.api.v1.CheckpointServiceGrpc.CheckpointServiceBlockingStub;
import dev.ternion.api.v1.UpdateCheckpointRequest;
import picocli.CommandLine.Command;

/** Takes the pin from a checkpoint. */
@Command(name = "unpin", description = "Takes the pin from a checkpoint.")
final class CheckpointsUnpinCommand extends CheckpointVerb {
    CheckpointsUnpinCommand(Session session) {
        super(session);
    }

    @Override
    String ask(CheckpointServiceBlockingStub checkpoints, String name) {
        return Json.print(checkpoints.updateCheckpoint(UpdateCheckpointRequest.newBuilder()
                .setName(name)
                .setPinned(false)
                .build()));
    }

    @Override
    String done() {
        return "unpinned";
    }
}
